#include "http/body.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lastcall::http {
namespace {

struct Outcome {
  std::string out;
  std::size_t consumed = 0;
  bool refused = false;
  bool done = false;

  bool operator==(const Outcome&) const = default;
};

/// Feeds the parts one by one. Each goes out through a buffer of exactly the promised room.
Outcome decode(const std::vector<std::string_view>& parts, bool reframe) {
  Body body;
  body.begin(Framing::chunked, 0);
  Outcome outcome;
  for (const std::string_view part : parts) {
    if (body.done()) {
      break;
    }
    std::vector<char> out(part.size() + Body::kRoom);
    const Body::Decoded decoded = body.decode(part, reframe, out.data());
    outcome.consumed += decoded.consumed;
    outcome.out.append(out.data(), decoded.end);
    if (decoded.refused) {
      outcome.refused = true;
      return outcome;
    }
  }
  outcome.done = body.done();
  return outcome;
}

std::string text(std::string_view chunked) {
  return decode({chunked}, false).out;
}

TEST(Body, OfALengthEndsWithItsLastByte) {
  Body body;
  body.begin(Framing::length, 5);
  EXPECT_EQ(body.take("abc"), 3U);
  EXPECT_FALSE(body.done());
  EXPECT_EQ(body.take("deGET /"), 2U);
  EXPECT_TRUE(body.done());
  EXPECT_EQ(body.take("GET /"), 0U);
}

TEST(Body, OfNoLengthIsDoneAtOnce) {
  Body body;
  body.begin(Framing::length, 0);
  EXPECT_TRUE(body.done());
  body.begin(Framing::none, 0);
  EXPECT_TRUE(body.done());
}

TEST(Body, UntilCloseTakesAllThatComes) {
  Body body;
  body.begin(Framing::until_close, 0);
  EXPECT_EQ(body.take("abc"), 3U);
  EXPECT_FALSE(body.done());
}

TEST(ChunkedBody, IsReframedAsOneChunkForEachPiece) {
  const Outcome outcome = decode({"3\r\nabc\r\n00A;x=y\r\n0123456789\r\n", "0\r\n\r\nGET /"}, true);
  EXPECT_EQ(outcome.out, "d\r\nabc0123456789\r\n0\r\n\r\n");
  EXPECT_TRUE(outcome.done);
  EXPECT_EQ(outcome.consumed, 29U + 5U);
}

TEST(ChunkedBody, IsBareForAClientThatKnowsNoChunks) {
  EXPECT_EQ(text("3\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n"), "abcde");
}

TEST(ChunkedBody, DropsExtensions) {
  for (const std::string_view extension :
       {";a", ";a=b", ";a;b=c;d", "; a", " ;a", ";a = b", ";a=\"x;\\\"\r\"", ";a=\"\"", ";a=\"\xe4\t\" ;b",
        ";a =b", ";a\t;b"}) {
    const bool good = extension.find('\r') == std::string_view::npos;
    const std::string input =
        "1" + std::string(extension) + "\r\nx\r\n0" + std::string(extension) + "\r\n\r\n";
    const Outcome outcome = decode({input}, true);
    EXPECT_EQ(outcome.done, good) << extension;
    EXPECT_EQ(outcome.refused, !good) << extension;
    EXPECT_EQ(outcome.out, good ? "1\r\nx\r\n0\r\n\r\n" : "") << extension;
  }
}

TEST(ChunkedBody, RefusesEveryDeviationFromTheGrammar) {
  const std::string many_digits(16, '0');
  for (const std::string& input : {
           std::string("\r\n"),
           std::string("g\r\n"),
           std::string("-1\r\n"),
           std::string("+1\r\n"),
           std::string("0x1\r\n"),
           std::string(" 1\r\n"),
           std::string("1 \r\n"),
           std::string("1\t\r\n"),
           std::string("1\n"),
           std::string("1\rx"),
           std::string("1 2\r\n"),
           std::string(";a\r\n"),
           many_digits,
           std::string("FFFFFFFFFFFFFFFF\r\n"),
           std::string("1;\r\n"),
           std::string("1;;a\r\n"),
           std::string("1;a=\r\n"),
           std::string("1;a=\"b\r\n"),
           std::string("1;a=\"b\"c\r\n"),
           std::string("1;a\n"),
           std::string("1;a\r\r\n"),
           std::string("1;a b\r\n"),
           std::string("1;a=b c\r\n"),
           std::string("1;a \r\n"),
           std::string("1;\x01\r\n"),
           std::string("1;a=\"\\\x01"),
           std::string("1;a=\"\x7f"),
           std::string("1\r\nxy"),
           std::string("1\r\nx\n"),
           std::string("1\r\nx\rz"),
           std::string("0\r\n\n"),
           std::string("0\r\n\rx"),
           std::string("0\r\nA : b\r\n"),
           std::string("0\r\nA\r\n"),
           std::string("0\r\n A: b\r\n"),
           std::string("0\r\nA: b\r\n c\r\n"),
           std::string("0\r\nA: b\n"),
           std::string("0\r\nA: \x01\r\n"),
           std::string("0\r\nA: \0\r\n", 9),
       }) {
    const Outcome outcome = decode({input}, true);
    EXPECT_TRUE(outcome.refused) << testing::PrintToString(input);
    EXPECT_EQ(outcome.out, "") << testing::PrintToString(input);
  }
}

TEST(ChunkedBody, ForwardsTrailersButThoseThatActOnTheMessage) {
  const Outcome outcome =
      decode({"0\r\nGrpc-Status: 0\r\nContent-Length: 5\r\nTransfer_Encoding: chunked\r\nhost: h\r\n"
              "Authorization: x\r\nIf-Match: y\r\nContent-Type: z\r\nSet-Cookie: c\r\nTrailer: t\r\n"
              "Content-Digest: sha-256=:x:\r\n\r\n"},
             true);
  EXPECT_EQ(outcome.out, "0\r\nGrpc-Status: 0\r\nContent-Digest: sha-256=:x:\r\n\r\n");
}

TEST(ChunkedBody, BoundsExtensionsOverTheWholeMessage) {
  const std::string chunk = "1;" + std::string(500, 'a') + "\r\nx\r\n";
  EXPECT_FALSE(decode({chunk + chunk}, true).refused);
  EXPECT_TRUE(decode({chunk + chunk + chunk}, true).refused);
}

TEST(ChunkedBody, BoundsItsTrailers) {
  const std::string line = "A: " + std::string(995, 'b') + "\r\n";
  std::string bytes = "0\r\n";
  for (int i = 0; i < 8; ++i) {
    bytes += line;
  }
  EXPECT_FALSE(decode({bytes}, true).refused);
  EXPECT_TRUE(decode({bytes + line}, true).refused);

  std::string lines = "0\r\n";
  for (int i = 0; i < 64; ++i) {
    lines += "A:b\r\n";
  }
  EXPECT_TRUE(decode({lines + "\r\n"}, true).done);
  EXPECT_TRUE(decode({lines + "A:b\r\n"}, true).refused);
}

TEST(ChunkedBody, FitsItsRoomWithTheMostTrailers) {
  const std::string value(Body::kMaxTrailerBytes - 7, 'v');
  const std::string input = "1\r\nx\r\n0\r\nA:" + value + "\r\n\r\n";
  EXPECT_TRUE(decode({input}, true).done);
}

TEST(ChunkedBody, WritesSizesOfEveryWidth) {
  for (const std::size_t size : {1U, 9U, 10U, 15U, 16U, 17U, 255U, 256U, 257U, 4090U, 4095U, 4096U, 70000U}) {
    const std::string payload(size, 'x');
    std::string split;
    for (std::size_t at = 0; at < size; at += 15) {
      const std::string piece = payload.substr(at, 15);
      split += std::string(1, "0123456789abcdef"[piece.size()]) + "\r\n" + piece + "\r\n";
    }
    const Outcome once = decode({split + "0\r\n\r\n"}, true);
    EXPECT_TRUE(once.done);
    EXPECT_EQ(text(once.out), payload) << size;
  }
}

using Parts = std::vector<std::string_view>;

/// Every way to split `all` into three parts, some of them empty.
std::vector<Parts> splits(std::string_view all) {
  std::vector<Parts> splits;
  for (std::size_t i = 0; i <= all.size(); ++i) {
    for (std::size_t j = i; j <= all.size(); ++j) {
      splits.push_back({all.substr(0, i), all.substr(i, j - i), all.substr(j)});
    }
  }
  return splits;
}

/// Bare, and as a peer reads it that gets the re-framed body.
void expect_reads(const Parts& parts, const Outcome& expected) {
  EXPECT_EQ(decode(parts, false), expected);
  const Outcome framed = decode(parts, true);
  EXPECT_EQ(text(framed.out), expected.out);
  EXPECT_THAT(framed.out, testing::EndsWith("\r\n0\r\nT: v\r\n\r\n"));
}

std::size_t refused_at(const Parts& parts) {
  const Outcome outcome = decode(parts, true);
  EXPECT_TRUE(outcome.refused);
  return outcome.consumed;
}

TEST(ChunkedBody, ReadsTheSameWhereverItIsSplit) {
  const std::string input =
      "3;a=\"q;\\\"\"\r\nabc\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0;x\r\nT: v\r\nHost: h\r\n\r\nNEXT";
  const Outcome whole = decode({input}, false);
  ASSERT_TRUE(whole.done);
  for (const Parts& parts : splits(input)) {
    expect_reads(parts, whole);
  }
}

TEST(ChunkedBody, IsRefusedAtTheSameByteWhereverItIsSplit) {
  for (const std::string_view input :
       {"1\r\nx\r\n1 \r\n", "0\r\nA: b\r\n c\r\n\r\n", "1;a=\"b\"c\r\nx\r\n"}) {
    const std::size_t expected = refused_at({input});
    for (const Parts& parts : splits(input)) {
      EXPECT_EQ(refused_at(parts), expected) << input;
    }
  }
}

}  // namespace
}  // namespace lastcall::http
