// The heads of HTTP/1.x messages: strict parsers that copy nothing, and writers that forward a head once.
// Sans-I/O. A head that two parsers could read in two ways is refused (RFC 9112 §11.2); see request.cc,
// response.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lastcall::http {

struct Limits {
  std::size_t head_bytes = 32'768;  ///< request line and fields
  std::size_t fields = 100;
};

enum class Parsed : std::uint8_t { complete, incomplete, refused };

/// Why a head was refused: the status to answer with and a few words for the body and the log.
struct Refusal {
  int status = 400;  ///< 400, 414, 431, 501 or 505 for requests; always 502 for responses
  const char* why = "";

  enum class Limit : std::uint8_t { none, head_bytes, fields };
  Limit limit = Limit::none;  ///< of a response: the one that it exceeds
};

enum class Framing : std::uint8_t { none, length, chunked, until_close };

/// A run of bytes of the raw head that is not forwarded.
struct Span {
  std::uint32_t begin;
  std::uint32_t end;
};

/// The runs that are not forwarded: ascending, neither overlapping nor touching.
class DropList {
 public:
  static constexpr std::size_t kMax = 24;

  // The runs are left uninitialised: clearing them would cost more than reading a short head.
  DropList() noexcept {}  // NOLINT(cppcoreguidelines-pro-type-member-init,modernize-use-equals-default)

  /// Adds a run that begins at or after the end of the last one. False if there is no room.
  [[nodiscard]] bool add(Span span);

  void clear() { count_ = 0; }

  [[nodiscard]] const Span* begin() const { return spans_; }

  [[nodiscard]] const Span* end() const { return spans_ + count_; }

 private:
  std::uint8_t count_ = 0;
  Span spans_[kMax];
};

enum class Method : std::uint8_t { get, head, post, put, delete_, patch, options, connect, trace, other };

[[nodiscard]] std::string_view to_string(Method method);  ///< "OTHER" for other

/// What was read of a request head. Every view points into the raw bytes.
struct RequestHead {
  std::uint32_t size = 0;  ///< bytes of the head, its last CRLF included
  Method method = Method::other;
  std::string_view method_text;
  std::string_view target;     ///< in origin-form without scheme and authority, or "*"
  std::string_view path;       ///< target without the query
  std::string_view authority;  ///< of an absolute-form target, which replaces Host; else empty
  std::string_view host;       ///< the authority if there is one, else the value of Host; may be empty
  std::string_view accept;     ///< value of Accept, or empty
  std::string_view upgrade_protocol;
  std::uint64_t content_length = 0;
  Framing framing = Framing::none;  ///< none, length or chunked
  bool http10 = false;
  bool keep_alive = false;  ///< what the client asked for
  bool expect_continue = false;
  bool upgrade = false;     ///< Connection: upgrade with an Upgrade other than h2c
  bool idempotent = false;  ///< RFC 9110 §9.2.2
  bool has_host = false;
  bool has_forwarded_for = false;
  bool has_forwarded_proto = false;
  bool has_forwarded_host = false;
  bool has_request_id = false;
  bool has_request_start = false;
  std::uint32_t forwarded_for_end = 0;  ///< where ", client" is inserted, if has_forwarded_for
  std::uint32_t fields_begin = 0;       ///< offset of the first field line
  DropList drops;
};

/// Parses one request head at the start of `in`. Leading empty lines (at most one CRLF) are tolerated (RFC
/// 9112 §2.2). incomplete: nothing wrong so far, more bytes needed. refused: `refusal` says why, nothing of
/// `in` may be forwarded.
[[nodiscard]] Parsed parse_request(std::string_view in, const Limits& limits, RequestHead& head,
                                   Refusal& refusal);

/// What a forwarded request says of where it came from.
struct Forwarding {
  std::string_view client;  ///< address without port
  std::string_view proto = "http";
  bool trust = true;            ///< keep what came; false: drop every X-Forwarded-* and Forwarded that came
  std::string_view request_id;  ///< used if the request has none
  std::string_view request_start;  ///< "t=<ms>", used if the request has none
};

/// Upper bound of what write_request needs beyond head.size.
inline constexpr std::size_t kRequestRoom = 512;

/// Writes the head as it goes to the app: HTTP/1.1, hop-by-hop fields gone, forwarding fields added; the
/// framing of the body is written anew. `raw` is what was parsed. `out` has room for head.size +
/// kRequestRoom + client + host bytes; the request id and start together take at most 128. Returns the end of
/// what was written.
char* write_request(const RequestHead& head, std::string_view raw, const Forwarding& forwarding, char* out);

struct ResponseHead {
  std::uint32_t size = 0;  ///< bytes of the head, its last CRLF included
  int status = 0;
  bool http10 = false;
  bool keep_alive = false;          ///< what the app offers; never with until_close
  bool event_stream = false;        ///< text/event-stream, and not encoded, so that its events can be seen
  Framing framing = Framing::none;  ///< none (HEAD, 1xx, 204, 304), length, chunked or until_close
  std::uint64_t content_length = 0;
  std::uint32_t keep_alive_timeout_s = 0;  ///< of Keep-Alive: timeout=N; 0 if absent
  std::uint32_t fields_begin = 0;          ///< offset of the first field line
  DropList drops;
};

/// Parses one response head; `to_head` = it answers a HEAD request. A refused one is a bad upstream: 502.
[[nodiscard]] Parsed parse_response(std::string_view in, const Limits& limits, bool to_head,
                                    ResponseHead& head, Refusal& refusal);

/// How a response goes out to the client.
struct Outgoing {
  bool http10_client = false;  ///< told to close unless keep_alive_10
  bool close = false;          ///< Connection: close (never on 1xx)
  bool keep_alive_10 = false;  ///< Connection: keep-alive for an HTTP/1.0 client that asked for it
  std::uint32_t keep_alive_timeout_s = 0;  ///< Keep-Alive: timeout=N unless closing or 0
  bool chunked = false;  ///< Transfer-Encoding: chunked; only where the framing is chunked or until_close
};

inline constexpr std::size_t kResponseRoom = 256;

/// Writes a response head as it goes to the client: HTTP/1.1, hop-by-hop fields gone; 101 keeps Connection
/// and Upgrade. `raw` is what was parsed. `out` has room for head.size + kResponseRoom bytes. Returns the end
/// of what was written.
char* write_response(const ResponseHead& head, std::string_view raw, const Outgoing& outgoing, char* out);

}  // namespace lastcall::http
