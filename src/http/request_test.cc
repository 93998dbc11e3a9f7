#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/head.h"

namespace lastcall::http {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

/// A parse whose input stands in a buffer of exactly its size, so that a sanitizer sees every byte read too
/// many.
struct Parse {
  explicit Parse(std::string_view text, Limits limits = {}) : raw(text.begin(), text.end()) {
    result = parse_request(view(), limits, head, refusal);
  }

  [[nodiscard]] std::string_view view() const { return {raw.data(), raw.size()}; }

  std::vector<char> raw;
  RequestHead head{};
  Refusal refusal;
  Parsed result{};
};

std::string forward(std::string_view text, const Forwarding& forwarding) {
  const Parse parse(text);
  EXPECT_EQ(parse.result, Parsed::complete) << parse.refusal.why << "\n" << text;
  if (parse.result != Parsed::complete) {
    return {};
  }
  std::vector<char> out(parse.head.size + kRequestRoom + forwarding.client.size() + parse.head.host.size());
  const char* end = write_request(parse.head, parse.view(), forwarding, out.data());
  return {out.data(), static_cast<std::size_t>(end - out.data())};
}

Forwarding from(std::string_view client, std::string_view request_id = {},
                std::string_view request_start = {}) {
  return {.client = client, .request_id = request_id, .request_start = request_start};
}

std::string forward(std::string_view text) {
  return forward(text, from("192.0.2.7"));
}

std::string get_with(std::string_view fields) {
  return "GET /a HTTP/1.1\r\nHost: app\r\n" + std::string(fields) + "\r\n";
}

TEST(Request, IsReadInOnePass) {
  const std::string text =
      "POST /items?id=1 HTTP/1.1\r\nHost: app.example:8080\r\nAccept: text/html\r\nContent-Length: "
      "12\r\n\r\n";
  const Parse parse(text + "hello world!GET /next");
  ASSERT_EQ(parse.result, Parsed::complete) << parse.refusal.why;
  EXPECT_EQ(parse.head.size, text.size());
  EXPECT_EQ(parse.head.method, Method::post);
  EXPECT_EQ(parse.head.method_text, "POST");
  EXPECT_EQ(parse.head.target, "/items?id=1");
  EXPECT_EQ(parse.head.path, "/items");
  EXPECT_EQ(parse.head.host, "app.example:8080");
  EXPECT_EQ(parse.head.accept, "text/html");
  EXPECT_EQ(parse.head.framing, Framing::length);
  EXPECT_EQ(parse.head.content_length, 12U);
  EXPECT_TRUE(parse.head.keep_alive);
  EXPECT_FALSE(parse.head.http10);
  EXPECT_FALSE(parse.head.idempotent);
}

TEST(Request, IsIncompleteAtEveryPrefix) {
  const std::string text =
      "\r\nPUT http://h/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nX: \xe4 y\r\n\r\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(Parse(text.substr(0, size)).result, Parsed::incomplete) << size;
  }
  EXPECT_EQ(Parse(text).result, Parsed::complete);
}

struct Refused {
  int status;
  std::string text;
};

void expect_refused(const std::vector<Refused>& cases) {
  for (const Refused& refused : cases) {
    const Parse parse(refused.text);
    EXPECT_EQ(parse.result, Parsed::refused) << refused.text;
    EXPECT_EQ(parse.refusal.status, refused.status) << refused.text;
    EXPECT_STRNE(parse.refusal.why, "") << refused.text;
  }
}

TEST(Request, RefusesAMalformedRequestLine) {
  expect_refused({
      {400, "GET /\r\n\r\n"},
      {400, "GET\r\n\r\n"},
      {400, " GET / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /  HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /\tHTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"},
      {400, "GET / x HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET / http/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET / HTTP/1.10\r\nHost: h\r\n\r\n"},
      {400, "GET / HTTP/1\r\nHost: h\r\n\r\n"},
      {400, "GET / HTTP/+1.1\r\nHost: h\r\n\r\n"},
      {400, "GET / HTTP/1.1\nHost: h\r\n\r\n"},
      {400, "GET / HTTP/1.1\rHost: h\r\n\r\n"},
      {400, "G@T / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "G\xc3\x89T / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "\x16\x03\x01"},
      {505, "GET / HTTP/2.0\r\nHost: h\r\n\r\n"},
      {505, "GET / HTTP/0.9\r\nHost: h\r\n\r\n"},
      {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {501, "CONNECT app:443 HTTP/1.1\r\nHost: app:443\r\n\r\n"},
  });
}

TEST(Request, RefusesATargetOutsideTheGrammar) {
  expect_refused({
      {400, "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, std::string("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 28)},
      {400, "GET /\x7f HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /caf\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET a HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET * HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET http:///a HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET http://:80/a HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET http://user@h/a HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET http://h?x HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET //h:80@ HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"},
  });
}

TEST(Request, RefusesAMalformedFieldLine) {
  expect_refused({
      {400, get_with("A : b\r\n")},
      {400, get_with("A\t: b\r\n")},
      {400, get_with(" A: b\r\n")},
      {400, get_with("A: b\r\n c\r\n")},
      {400, get_with("A: b\r\n\tc\r\n")},
      {400, get_with("A\r\n")},
      {400, get_with(": b\r\n")},
      {400, get_with("A\xc3\xa9: b\r\n")},
      {400, get_with("A(: b\r\n")},
      {400, get_with("A: b\n")},
      {400, get_with("A: b\rC: d\r\n")},
      {400, get_with("A: b\x0b\r\n")},
      {400, get_with("A: \x7f\r\n")},
      {400, get_with(std::string("A: b\0c\r\n", 8))},
      {400, "GET / HTTP/1.1\r\n Host: h\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\n\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\n\rX"},
  });
}

TEST(Request, RefusesFramingThatTwoParsersMayReadInTwoWays) {
  expect_refused({
      {400, get_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
      {400, get_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
      {400, get_with("Content-Length: 5\r\nContent-Length: 6\r\n")},
      {400, get_with("Content-Length: 5\r\ncontent-length: 5\r\n")},
      {400, get_with("Content-Length: 5, 5\r\n")},
      {400, get_with("Content-Length: +5\r\n")},
      {400, get_with("Content-Length: -1\r\n")},
      {400, get_with("Content-Length: 0x5\r\n")},
      {400, get_with("Content-Length: 5 5\r\n")},
      {400, get_with("Content-Length: 5.0\r\n")},
      {400, get_with("Content-Length:\r\n")},
      {400, get_with("Content-Length: 9223372036854775808\r\n")},
      {400, get_with("Content-Length: 18446744073709551621\r\n")},
      {400, get_with("Content_Length: 5\r\n")},
      {400, get_with("content_length: 5\r\n")},
      {400, get_with("Transfer_Encoding: chunked\r\n")},
      {400, get_with("Transfer-Encoding: xchunked\r\n")},
      {400, get_with("Transfer-Encoding: chunkedx\r\n")},
      {400, get_with("Transfer-Encoding: \"chunked\"\r\n")},
      {400, get_with("Transfer-Encoding: chunked;q=1\r\n")},
      {400, get_with("Transfer-Encoding: identity\r\n")},
      {400, get_with("Transfer-Encoding: gzip\r\n")},
      {400, get_with("Transfer-Encoding: chunked, identity\r\n")},
      {400, get_with("Transfer-Encoding: identity, chunked\r\n")},
      {400, get_with("Transfer-Encoding: chunked, chunked\r\n")},
      {400, get_with("Transfer-Encoding: chunked, gzip\r\n")},
      {400, get_with("Transfer-Encoding: , chunked\r\n")},
      {400, get_with("Transfer-Encoding: chunked,\r\n")},
      {400, get_with("Transfer-Encoding:\r\n")},
      {400, get_with("Transfer-Encoding:\x0b chunked\r\n")},
      {400, get_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {400, get_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")},
      {400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {501, get_with("Transfer-Encoding: gzip, chunked\r\n")},
  });
}

TEST(Request, RefusesAHostThatIsMissingDoubleOrMalformed) {
  expect_refused({
      {400, "GET / HTTP/1.1\r\n\r\n"},
      {400, "GET http://h/ HTTP/1.1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a?\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: caf\xc3\xa9\r\n\r\n"},
  });
}

TEST(Request, TakesEveryFormOfHost) {
  for (const std::string_view host :
       {"a", "a.example:80", "10.0.0.1:", "[2001:db8::1]:443", "[v1.x]", "a_b", ""}) {
    const Parse parse("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
    EXPECT_EQ(parse.result, Parsed::complete) << host;
    EXPECT_EQ(parse.head.host, host);
  }
}

TEST(Request, RefusesConnectionOptionsThatNameFramingOrRouting) {
  expect_refused({
      {400, get_with("Connection: content-length\r\nContent-Length: 5\r\n")},
      {400, get_with("Connection: close, Transfer-Encoding\r\n")},
      {400, get_with("Connection: Host\r\n")},
      {431,
       get_with("Connection: a\r\nConnection: b\r\nConnection: c\r\nConnection: d\r\nConnection: e\r\n")},
      {431, get_with("Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\r\n")},
  });
}

TEST(Request, RefusesWhatExceedsTheLimits) {
  const Limits limits{.head_bytes = 64, .fields = 3};
  const std::string long_target = "GET /" + std::string(80, 'a');
  EXPECT_EQ(Parse(long_target, limits).refusal.status, 414);
  EXPECT_EQ(Parse(get_with("A: " + std::string(80, 'a') + "\r\n"), limits).refusal.status, 431);
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nC: d\r\nE: f\r\n\r\n", limits).refusal.status, 431);
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nC: d\r\n\r\n", limits).result, Parsed::complete);

  const std::string fits = get_with("A: " + std::string(28, 'a') + "\r\n");
  ASSERT_EQ(fits.size(), limits.head_bytes - 1);
  EXPECT_EQ(Parse(fits + "body", limits).result, Parsed::complete);
  const std::string exact = get_with("A: " + std::string(29, 'a') + "\r\n");
  EXPECT_EQ(Parse(exact + "body", limits).result, Parsed::complete);
  EXPECT_EQ(Parse(get_with("A: " + std::string(30, 'a') + "\r\n"), limits).refusal.status, 431);
}

TEST(Request, SaysWhetherTheConnectionPersists) {
  struct Case {
    const char* text;
    bool keep_alive;
  };

  for (const Case& c : {
           Case{"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
           Case{"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
           Case{"GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\nConnection: x, CLOSE\r\n\r\n", false},
           Case{"GET / HTTP/1.7\r\nHost: h\r\n\r\n", true},
           Case{"GET / HTTP/1.0\r\n\r\n", false},
           Case{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
           Case{"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
       }) {
    EXPECT_EQ(Parse(c.text).head.keep_alive, c.keep_alive) << c.text;
  }
}

TEST(Request, SaysWhichMethodsMayBeRepeated) {
  struct Case {
    const char* method;
    Method known;
    bool idempotent;
  };

  for (const Case& c : {Case{"GET", Method::get, true}, Case{"HEAD", Method::head, true},
                        Case{"PUT", Method::put, true}, Case{"DELETE", Method::delete_, true},
                        Case{"OPTIONS", Method::options, true}, Case{"TRACE", Method::trace, true},
                        Case{"POST", Method::post, false}, Case{"PATCH", Method::patch, false},
                        Case{"get", Method::other, false}, Case{"M-SEARCH", Method::other, false}}) {
    const Parse parse(std::string(c.method) + " / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(parse.head.method, c.known);
    EXPECT_EQ(parse.head.idempotent, c.idempotent) << c.method;
    EXPECT_EQ(to_string(parse.head.method), c.known == Method::other ? "OTHER" : c.method);
  }
}

TEST(Request, IsForwardedWithALengthInOneSpelling) {
  for (const std::string length : {"10", "0010", "\t10", " 10 \t"}) {
    const std::string forwarded =
        forward("POST /a HTTP/1.1\r\nContent-length:" + length + "\r\nHost: h\r\n\r\n");
    EXPECT_THAT(forwarded, HasSubstr("\r\nContent-Length: 10\r\n")) << length;
    EXPECT_THAT(forwarded, Not(HasSubstr("Content-length"))) << length;
  }
  EXPECT_THAT(forward("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 9223372036854775807\r\n\r\n"),
              HasSubstr("Content-Length: 9223372036854775807\r\n"));
  EXPECT_THAT(forward("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
              HasSubstr("Content-Length: 0\r\n"));
}

TEST(Request, IsForwardedWithWhereItCameFrom) {
  EXPECT_EQ(forward("GET /a HTTP/1.1\r\nHost: app\r\nCookie: c\r\n\r\n", from("192.0.2.7", "id-1", "t=5")),
            "GET /a HTTP/1.1\r\nHost: app\r\nCookie: c\r\n"
            "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: app\r\n"
            "X-Request-ID: id-1\r\nX-Request-Start: t=5\r\n\r\n");
}

TEST(Request, KeepsWhatAProxyInFrontSaid) {
  const std::string text =
      "GET / HTTP/1.1\r\nHost: app\r\nX-Forwarded-For: 203.0.113.1 \r\nX-Forwarded-Proto: https\r\n"
      "X-Forwarded-Host: www\r\nX-Request-ID: theirs\r\nX-Request-Start: t=1\r\n\r\n";
  EXPECT_EQ(forward(text, from("192.0.2.7", "ours", "t=2")),
            "GET / HTTP/1.1\r\nHost: app\r\nX-Forwarded-For: 203.0.113.1, 192.0.2.7 \r\n"
            "X-Forwarded-Proto: https\r\nX-Forwarded-Host: www\r\nX-Request-ID: theirs\r\n"
            "X-Request-Start: t=1\r\n\r\n");
}

TEST(Request, AppendsTheClientToTheLastForwardedForLine) {
  EXPECT_THAT(forward(get_with("X-Forwarded-For: a\r\nX-Forwarded-For: b\r\nX-Forwarded-For:\r\n")),
              HasSubstr("X-Forwarded-For: a\r\nX-Forwarded-For: b, 192.0.2.7\r\nX-Forwarded-Proto"));
}

TEST(Request, DropsUntrustedForwardingFieldsInEverySpelling) {
  Forwarding forwarding = from("192.0.2.7");
  forwarding.trust = false;
  const std::string out =
      forward(get_with("X-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nTE: x\r\n"
                       "x_forwarded_for: 6.6.6.6\r\nX-Forwarded-Anything: 6.6.6.6\r\nB: c\r\n"),
              forwarding);
  EXPECT_THAT(out, Not(HasSubstr("6.6.6.6")));
  EXPECT_THAT(out, HasSubstr("B: c\r\nX-Forwarded-For: 192.0.2.7\r\n"));
}

TEST(Request, AppendsNothingForAClientWithoutAnAddress) {
  EXPECT_THAT(forward(get_with("X-Forwarded-For: a\r\n"), {}), HasSubstr("X-Forwarded-For: a\r\n"));
  EXPECT_THAT(forward(get_with(""), {}), Not(HasSubstr("X-Forwarded-For")));
}

TEST(Request, LosesItsHopByHopFields) {
  EXPECT_EQ(
      forward("GET / HTTP/1.1\r\nHost: app\r\nConnection: keep-alive, X-Mine, ,x-other\r\nKeep-Alive: 5\r\n"
              "Accept: a/b\r\nx-MINE: 1\r\nProxy-Connection: close\r\nTE: trailers\r\nX-Other: 2\r\n"
              "Upgrade: h2c\r\nTrailer: T\r\nX-Forwarded-Proto: https\r\n\r\n"),
      "GET / HTTP/1.1\r\nHost: app\r\nAccept: a/b\r\nTrailer: T\r\nX-Forwarded-Proto: https\r\n"
      "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Host: app\r\n\r\n");
}

TEST(Request, ReplacesForwardingFieldsThatConnectionTakesAway) {
  const std::string out =
      forward(get_with("Connection: X-Forwarded-For, x-request-id\r\nX-Forwarded-For: a\r\n"
                       "X-Request-ID: theirs\r\n"),
              from("192.0.2.7", "ours"));
  EXPECT_THAT(out, HasSubstr("\r\nX-Forwarded-For: 192.0.2.7\r\n"));
  EXPECT_THAT(out, HasSubstr("\r\nX-Request-ID: ours\r\n"));
}

TEST(Request, AnnouncesAChunkedBodyInOneCanonicalWay) {
  const std::string out = forward(get_with("tRANSFER-eNCODING: \t CHUNKED \r\n"));
  EXPECT_THAT(out, HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_THAT(out, Not(HasSubstr("CHUNKED")));
}

TEST(Request, InHttp10IsForwardedAsHttp11WithAHost) {
  EXPECT_EQ(forward("GET /old HTTP/1.0\r\nExpect: 100-continue\r\n\r\n"),
            "GET /old HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: "
            "http\r\n\r\n");
  EXPECT_THAT(forward("GET /old HTTP/1.0\r\nHost: given\r\n\r\n"), Not(HasSubstr("localhost")));
}

TEST(Request, InAbsoluteFormIsForwardedInOriginFormWithItsAuthority) {
  const std::string added =
      "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: real:81\r\n\r\n";
  EXPECT_EQ(forward("GET HTTP://real:81/p?q HTTP/1.1\r\nHost: lie\r\n\r\n"),
            "GET /p?q HTTP/1.1\r\nHost: real:81\r\n" + added);
  EXPECT_EQ(forward("GET http://real:81 HTTP/1.1\r\nHost: lie\r\n\r\n"),
            "GET / HTTP/1.1\r\nHost: real:81\r\n" + added);
  EXPECT_EQ(forward("OPTIONS http://real:81 HTTP/1.1\r\nHost: lie\r\n\r\n"),
            "OPTIONS * HTTP/1.1\r\nHost: real:81\r\n" + added);
}

TEST(Request, FitsItsRoomHoweverLongItsAuthority) {
  const std::string authority(5000, 'a');
  const std::string out = forward("GET http://" + authority + "/ HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(out, HasSubstr("\r\nHost: " + authority + "\r\n"));
  EXPECT_THAT(out, HasSubstr("\r\nX-Forwarded-Host: " + authority + "\r\n"));
}

TEST(Request, KeepsAnUpgrade) {
  const std::string websocket = get_with("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n");
  EXPECT_TRUE(Parse(websocket).head.upgrade);
  EXPECT_EQ(Parse(websocket).head.upgrade_protocol, "websocket");
  EXPECT_THAT(forward(websocket), HasSubstr("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"));
}

TEST(Request, LosesAnUpgradeToH2cOrToNothingCertain) {
  for (const std::string_view fields : {
           "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n",
           "Connection: Upgrade\r\nUpgrade: websocket, H2C\r\n",
           "Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n",
           "Upgrade: websocket\r\n",
           "Connection: upgrade\r\n",
           "Connection: upgrade\r\nUpgrade:\r\n",
       }) {
    EXPECT_FALSE(Parse(get_with(fields)).head.upgrade) << fields;
    EXPECT_THAT(forward(get_with(fields)), Not(AnyOf(HasSubstr("Upgrade"), HasSubstr("HTTP2")))) << fields;
  }
  EXPECT_FALSE(Parse("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n").head.upgrade);
}

TEST(Request, ForwardsExpectationsAndNoticesContinue) {
  const std::string wanted = get_with("Expect: 100-Continue\r\nContent-Length: 1\r\n");
  EXPECT_TRUE(Parse(wanted).head.expect_continue);
  EXPECT_THAT(forward(wanted), HasSubstr("Expect: 100-Continue\r\n"));
  const std::string unknown = get_with("Expect: miracles\r\n");
  EXPECT_FALSE(Parse(unknown).head.expect_continue);
  EXPECT_THAT(forward(unknown), HasSubstr("Expect: miracles\r\n"));
}

TEST(Request, RefusesMoreHopByHopRunsThanItCanRecord) {
  std::string fields;
  for (std::size_t i = 0; i <= DropList::kMax; ++i) {
    fields += "TE: x\r\nA: b\r\n";
  }
  EXPECT_EQ(Parse(get_with(fields)).refusal.status, 431);
  std::string named = "Connection: x\r\n";
  for (std::size_t i = 0; i <= DropList::kMax; ++i) {
    named += "A: b\r\nX: y\r\n";
  }
  EXPECT_EQ(Parse(get_with(named)).refusal.status, 431);
}

}  // namespace
}  // namespace lastcall::http
