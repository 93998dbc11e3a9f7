#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/head.h"

namespace lastcall::http {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Parse {
  explicit Parse(std::string_view text, bool to_head = false, Limits limits = {})
      : raw(text.begin(), text.end()) {
    result = parse_response(view(), limits, to_head, head, refusal);
  }

  [[nodiscard]] std::string_view view() const { return {raw.data(), raw.size()}; }

  std::vector<char> raw;
  ResponseHead head{};
  Refusal refusal;
  Parsed result{};
};

std::string forward(std::string_view text, const Outgoing& outgoing = {}) {
  const Parse parse(text);
  EXPECT_EQ(parse.result, Parsed::complete) << parse.refusal.why << "\n" << text;
  if (parse.result != Parsed::complete) {
    return {};
  }
  std::vector<char> out(parse.head.size + kResponseRoom);
  const char* end = write_response(parse.head, parse.view(), outgoing, out.data());
  return {out.data(), static_cast<std::size_t>(end - out.data())};
}

TEST(Response, IsReadInOnePass) {
  const std::string text =
      "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nKeep-Alive: max=5, timeout=7\r\n\r\n";
  const Parse parse(text + "abc");
  ASSERT_EQ(parse.result, Parsed::complete) << parse.refusal.why;
  EXPECT_EQ(parse.head.size, text.size());
  EXPECT_EQ(parse.head.status, 404);
  EXPECT_EQ(parse.head.framing, Framing::length);
  EXPECT_EQ(parse.head.content_length, 3U);
  EXPECT_TRUE(parse.head.keep_alive);
  EXPECT_EQ(parse.head.keep_alive_timeout_s, 7U);
}

TEST(Response, IsIncompleteAtEveryPrefix) {
  const std::string text = "HTTP/1.1 200 \xe4\r\nContent-Length: 3\r\n\r\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(Parse(text.substr(0, size)).result, Parsed::incomplete) << size;
  }
}

TEST(Response, TakesAStatusLineWithoutReason) {
  EXPECT_EQ(Parse("HTTP/1.1 200 \r\n\r\n").head.status, 200);
  EXPECT_EQ(forward("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"),
            "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n");
}

TEST(Response, IsRefusedAsABadGateway) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  for (const std::string& text : std::vector<std::string>{
           "HTTP/2.0 200 OK\r\n\r\n",
           "http/1.1 200 OK\r\n\r\n",
           "HTTP/1.1  200 OK\r\n\r\n",
           "HTTP/1.1 20 OK\r\n\r\n",
           "HTTP/1.1 2000 OK\r\n\r\n",
           "HTTP/1.1 099 OK\r\n\r\n",
           "HTTP/1.1 200 OK\n\r\n",
           "HTTP/1.1 200 O\rK\r\n\r\n",
           "\r\nHTTP/1.1 200 OK\r\n\r\n",
           "<html>",
           ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
           ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
           ok + "Content-Length: 5, 5\r\n\r\n",
           ok + "Content-Length: x\r\n\r\n",
           ok + "Content_Length: 5\r\n\r\n",
           ok + "Transfer-Encoding: gzip\r\n\r\n",
           ok + "Transfer-Encoding: gzip, chunked\r\n\r\n",
           ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
           ok + "Connection: content-length\r\nContent-Length: 1\r\n\r\n",
           ok + "A: b\r\n c\r\n\r\n",
           ok + "A: b\n\r\n",
           ok + "A: b\rc\r\n\r\n",
           ok + "A : b\r\n\r\n",
           ok + std::string("A: \0\r\n\r\n", 8),
           "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
       }) {
    const Parse parse(text);
    EXPECT_EQ(parse.result, Parsed::refused) << text;
    EXPECT_EQ(parse.refusal.status, 502) << text;
    EXPECT_STRNE(parse.refusal.why, "") << text;
  }
}

TEST(Response, IsRefusedAboveTheLimits) {
  const Limits limits{.head_bytes = 64, .fields = 2};
  EXPECT_EQ(Parse("HTTP/1.1 200 " + std::string(64, 'a'), false, limits).refusal.status, 502);
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\nE: f\r\n\r\n", false, limits).result, Parsed::refused);
  EXPECT_EQ(Parse("HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n\r\n", false, limits).result, Parsed::complete);
}

TEST(Response, IsFramedByItsStatusAndTheMethodItAnswers) {
  struct Case {
    const char* text;
    bool to_head;
    Framing framing;
  };

  for (const Case& c : {
           Case{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, Framing::length},
           Case{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, Framing::none},
           Case{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, Framing::chunked},
           Case{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true, Framing::none},
           Case{"HTTP/1.1 200 OK\r\n\r\n", false, Framing::until_close},
           Case{"HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", false, Framing::none},
           Case{"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", false, Framing::none},
           Case{"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n", false, Framing::none},
           Case{"HTTP/1.1 100 Go\r\n\r\n", false, Framing::none},
           Case{"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n", false, Framing::none},
       }) {
    EXPECT_EQ(Parse(c.text, c.to_head).head.framing, c.framing) << c.text << c.to_head;
  }
}

TEST(Response, SaysWhetherTheConnectionPersists) {
  struct Case {
    const char* text;
    bool keep_alive;
  };

  for (const Case& c : {
           Case{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", true},
           Case{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: Close\r\n\r\n", false},
           Case{"HTTP/1.1 200 OK\r\n\r\n", false},
           Case{"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", false},
           Case{"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n", true},
           Case{"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", false},
       }) {
    EXPECT_EQ(Parse(c.text).head.keep_alive, c.keep_alive) << c.text;
  }
}

TEST(Response, ReadsOnlyAPlainKeepAliveTimeout) {
  struct Case {
    const char* value;
    std::uint32_t seconds;
  };

  for (const Case& c : {Case{"timeout=5", 5}, Case{"max=3,Timeout=60", 60}, Case{"timeout=", 0},
                        Case{"timeout=-1", 0}, Case{"timeout=5x", 0}, Case{"timeout=9999999999", 0},
                        Case{"5", 0}, Case{"", 0}, Case{"xtimeout=5", 0}, Case{"timeoutx5", 0}}) {
    const Parse parse("HTTP/1.1 200 OK\r\nKeep-Alive: " + std::string(c.value) + "\r\n\r\n");
    EXPECT_EQ(parse.head.keep_alive_timeout_s, c.seconds) << c.value;
  }
}

TEST(Response, IsAnEventStreamByItsTypeUnlessEncoded) {
  const auto is_event_stream = [](const std::string& fields) {
    return Parse("HTTP/1.1 200 OK\r\n" + fields + "\r\n").head.event_stream;
  };
  EXPECT_TRUE(is_event_stream("Content-Type: text/event-stream\r\n"));
  EXPECT_TRUE(is_event_stream("A: b\r\nCONTENT-TYPE: Text/Event-Stream ;charset=utf-8\r\n"));
  EXPECT_TRUE(is_event_stream("Content-Encoding: identity\r\nContent-Type: text/event-stream\r\n"));
  for (const char* fields : {"", "Content-Type: text/event-streams\r\n", "Content-Type: text/html\r\n",
                             "X: text/event-stream\r\n", "Contents-Typ: text/event-stream\r\n",
                             "Content-Type: text/event-stream\r\nContent-Encoding: gzip\r\n",
                             "Content-Encoding: gzip\r\nContent-Type: text/event-stream\r\n"
                             "Content-Encoding: identity\r\n"}) {
    EXPECT_FALSE(is_event_stream(fields)) << fields;
  }
}

TEST(Response, LosesItsHopByHopFields) {
  EXPECT_EQ(
      forward("HTTP/1.0 200 Fine\r\nConnection: keep-alive, X-Mine\r\nKeep-Alive: timeout=5\r\nA: b\r\n"
              "X-Mine: 1\r\nUpgrade: h2c\r\nContent-Length: 2\r\nProxy-Connection: x\r\nTrailer: T\r\n\r\n"),
      "HTTP/1.1 200 Fine\r\nA: b\r\nContent-Length: 2\r\nTrailer: T\r\n\r\n");
}

TEST(Response, SaysWhatBecomesOfTheConnection) {
  const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  EXPECT_THAT(forward(text, {.close = true, .keep_alive_timeout_s = 5}),
              HasSubstr("\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(forward(text, {.keep_alive_timeout_s = 75}),
              HasSubstr("\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\n"));
  EXPECT_THAT(forward(text, {.http10_client = true, .keep_alive_10 = true}),
              HasSubstr("\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_THAT(forward(text, {.http10_client = true, .keep_alive_timeout_s = 5}),
              HasSubstr("\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(forward(text), text);
}

TEST(Response, IsNeverAnnouncedAsChunkedBesideALength) {
  const Outgoing chunked{.chunked = true};
  EXPECT_THAT(forward("HTTP/1.1 200 OK\r\n\r\n", chunked),
              HasSubstr("\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_THAT(forward("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunked),
              HasSubstr("\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_THAT(forward("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", chunked), Not(HasSubstr("chunked")));
  EXPECT_THAT(forward("HTTP/1.1 304 OK\r\n\r\n", chunked), Not(HasSubstr("chunked")));
}

TEST(Response, InTheInterimSaysNothingOfFramingOrConnection) {
  EXPECT_EQ(forward("HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n", {.close = true, .chunked = true}),
            "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(forward("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"),
            "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(Response, SwitchingProtocolsKeepsItsUpgrade) {
  EXPECT_EQ(forward("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\nS: k\r\n\r\n",
                    {.close = true}),
            "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nS: k\r\nConnection: Upgrade\r\n\r\n");
}

}  // namespace
}  // namespace lastcall::http
