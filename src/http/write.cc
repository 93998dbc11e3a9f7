#include <charconv>

#include "http/fields.h"
#include "http/head.h"
#include "http/put.h"

namespace lastcall::http {

namespace {

char* put_number(char* out, std::uint64_t number) {
  constexpr std::size_t kDigits = 20;
  return std::to_chars(out, out + kDigits, number).ptr;
}

/// Writes one field line, or nothing if there is no value. A template, so that the size of the name is known
/// and copying it takes no call.
template <std::size_t size>
char* put_field(char* out, const char (&name_and_colon)[size], std::string_view value) {
  if (value.empty()) {
    return out;
  }
  return put(put(put(out, {name_and_colon, size - 1}), value), "\r\n");
}

bool is_forwarding(std::string_view name) {
  switch (identify_as_cgi(name)) {
    case FieldName::forwarded:
    case FieldName::forwarded_for:
    case FieldName::forwarded_host:
    case FieldName::forwarded_proto:
      return true;
    default:
      return false;
  }
}

char* copy_without_forwarding(std::string_view lines, char* out) {
  FieldReader reader(lines.data(), lines.data() + lines.size());
  while (reader.read() == FieldReader::Step::field) {
    if (!is_forwarding(reader.name())) {
      out = put(out, view(reader.begin(), reader.next()));
    }
  }
  return out;
}

/// Calls `copy(begin, end)` for each run of the field lines that is kept.
template <class Head, class Copy>
void for_each_kept(const Head& head, Copy copy) {
  std::uint32_t at = head.fields_begin;
  for (const Span& drop : head.drops) {
    copy(at, drop.begin);
    at = drop.end;
  }
  copy(at, head.size - 2);
}

char* copy_request_fields(const RequestHead& head, std::string_view raw, const Forwarding& forwarding,
                          char* out) {
  const auto bytes = [raw](std::uint32_t begin, std::uint32_t end) { return raw.substr(begin, end - begin); };
  if (!forwarding.trust) {
    for_each_kept(head, [&](std::uint32_t begin, std::uint32_t end) {
      out = copy_without_forwarding(bytes(begin, end), out);
    });
    return out;
  }
  const bool append = head.has_forwarded_for && !forwarding.client.empty();
  const std::uint32_t insert_at = append ? head.forwarded_for_end : 0;
  for_each_kept(head, [&](std::uint32_t begin, std::uint32_t end) {
    if (begin < insert_at && insert_at < end) {
      out = put(put(put(out, bytes(begin, insert_at)), ", "), forwarding.client);
      begin = insert_at;
    }
    out = put(out, bytes(begin, end));
  });
  return out;
}

/// The authority that the app is asked for. An HTTP/1.0 client may name none, which leaves the server a guess
/// (RFC 9112 §3.3); HTTP/1.1 must have one, and apps refuse an empty Host more often than this one.
std::string_view missing_host(const RequestHead& head) {
  if (!head.authority.empty()) {
    return head.authority;
  }
  return head.has_host ? std::string_view{} : "localhost";
}

char* put_forwarding(const RequestHead& head, const Forwarding& forwarding, char* out) {
  const auto kept = [&](bool has) { return has && forwarding.trust; };
  if (!kept(head.has_forwarded_for)) {
    out = put_field(out, "X-Forwarded-For: ", forwarding.client);
  }
  if (!kept(head.has_forwarded_proto)) {
    out = put_field(out, "X-Forwarded-Proto: ", forwarding.proto);
  }
  if (!kept(head.has_forwarded_host)) {
    out = put_field(out, "X-Forwarded-Host: ", head.host);
  }
  if (!head.has_request_id) {
    out = put_field(out, "X-Request-ID: ", forwarding.request_id);
  }
  if (!head.has_request_start) {
    out = put_field(out, "X-Request-Start: ", forwarding.request_start);
  }
  return out;
}

char* put_connection(const Outgoing& outgoing, char* out) {
  if (outgoing.close || (outgoing.http10_client && !outgoing.keep_alive_10)) {
    return put(out, "Connection: close\r\n");
  }
  if (outgoing.keep_alive_timeout_s != 0) {
    out = put(out, "Connection: keep-alive\r\nKeep-Alive: timeout=");
    return put(put_number(out, outgoing.keep_alive_timeout_s), "\r\n");
  }
  return outgoing.keep_alive_10 ? put(out, "Connection: keep-alive\r\n") : out;
}

}  // namespace

char* write_request(const RequestHead& head, std::string_view raw, const Forwarding& forwarding, char* out) {
  out = put(put(put(put(out, head.method_text), " "), head.target), " HTTP/1.1\r\n");
  out = copy_request_fields(head, raw, forwarding, out);
  out = put_field(out, "Host: ", missing_host(head));
  out = put_forwarding(head, forwarding, out);
  // Both framings anew: an app may read 0010 or a tab beside the digits in its own way.
  if (head.framing == Framing::chunked) {
    out = put(out, "Transfer-Encoding: chunked\r\n");
  } else if (head.framing == Framing::length) {
    out = put(put_number(put(out, "Content-Length: "), head.content_length), "\r\n");
  }
  if (head.upgrade) {
    out = put_field(put(out, "Connection: Upgrade\r\n"), "Upgrade: ", head.upgrade_protocol);
  }
  return put(out, "\r\n");
}

char* write_response(const ResponseHead& head, std::string_view raw, const Outgoing& outgoing, char* out) {
  constexpr std::string_view kVersion = "HTTP/1.1";
  out = put(out, kVersion);
  out = put(out, raw.substr(kVersion.size(), head.fields_begin - kVersion.size()));
  for_each_kept(
      head, [&](std::uint32_t begin, std::uint32_t end) { out = put(out, raw.substr(begin, end - begin)); });
  if (head.status == 101) {
    return put(out, "Connection: Upgrade\r\n\r\n");
  }
  if (head.status < 200) {
    return put(out, "\r\n");
  }
  if (outgoing.chunked && (head.framing == Framing::chunked || head.framing == Framing::until_close)) {
    out = put(out, "Transfer-Encoding: chunked\r\n");
  }
  return put(put_connection(outgoing, out), "\r\n");
}

}  // namespace lastcall::http
