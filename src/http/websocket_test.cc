#include "http/websocket.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lastcall::http {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

using testing::ElementsAre;
using testing::IsEmpty;

constexpr FrameMask kMask = {0x37, 0xfa, 0x21, 0x3d};

std::string written(Opcode opcode, std::string_view payload, const std::optional<FrameMask>& mask = {}) {
  std::string out(kFrameRoom + payload.size(), '\0');
  out.resize(static_cast<std::size_t>(write_frame(opcode, payload, mask, out.data()) - out.data()));
  return out;
}

std::string written_close(std::uint16_t code, std::string_view reason) {
  std::string out(kFrameRoom + 2 + reason.size(), '\0');
  out.resize(static_cast<std::size_t>(write_close(code, reason, {}, out.data()) - out.data()));
  return out;
}

/// Why `in` is malformed; "" if it is not.
std::string refusal(std::string_view in, FrameSender sender = FrameSender::server) {
  FrameReader reader(sender);
  while (!in.empty()) {
    const FrameReader::Taken taken = reader.take(in);
    if (taken.step == FrameReader::Step::malformed) {
      return reader.why();
    }
    in.remove_prefix(taken.consumed);
  }
  return "";
}

/// The payloads of the control frames in `in`, given in pieces of `piece` bytes.
std::vector<std::string> controls(std::string_view in, FrameSender sender, std::size_t piece) {
  FrameReader reader(sender);
  std::vector<std::string> result;
  for (; !in.empty(); in.remove_prefix(std::min(piece, in.size()))) {
    std::string_view part = in.substr(0, piece);
    while (!part.empty()) {
      const FrameReader::Taken taken = reader.take(part);
      EXPECT_NE(taken.step, FrameReader::Step::malformed) << reader.why();
      if (taken.step == FrameReader::Step::control) {
        result.emplace_back(reader.payload());
      }
      part.remove_prefix(taken.consumed);
    }
  }
  EXPECT_TRUE(reader.at_boundary());
  return result;
}

TEST(WebSocketFrames, AreWrittenAsInTheExamplesOfTheRfc) {
  EXPECT_EQ(written(Opcode::text, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(written(Opcode::text, "Hello", kMask), "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  EXPECT_EQ(written(Opcode::ping, "Hello"), "\x89\x05Hello");
  EXPECT_EQ(written(Opcode::binary, std::string(256, 'x')).substr(0, 4), "\x82\x7e\x01\x00"s);
  EXPECT_EQ(written(Opcode::binary, std::string(65536, 'x')).substr(0, 10),
            "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

TEST(WebSocketFrames, AreReadWhereverTheyAreCut) {
  const std::string long_text(70'000, 'x');
  for (const FrameSender sender : {FrameSender::server, FrameSender::client}) {
    const auto mask = sender == FrameSender::client ? std::optional(kMask) : std::nullopt;
    const std::string stream = written(Opcode::ping, "", mask) +
                               written(Opcode::text, std::string(200, 'y'), mask) +
                               written(Opcode::pong, "two", mask) + written(Opcode::binary, long_text, mask) +
                               written(Opcode::close, "\x03\xe9three", mask);
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{100}, stream.size()}) {
      EXPECT_THAT(controls(stream, sender, piece), ElementsAre("", "two", "\x03\xe9three"));
    }
  }
}

TEST(WebSocketFrames, SayWhereAFrameEnds) {
  FrameReader reader(FrameSender::server);
  EXPECT_TRUE(reader.at_boundary());
  EXPECT_EQ(reader.take("\x81").consumed, 1);
  EXPECT_FALSE(reader.at_boundary()) << "within a head";
  EXPECT_EQ(reader.take("\x02x").consumed, 2);
  EXPECT_FALSE(reader.at_boundary()) << "within a payload";
  EXPECT_EQ(reader.take("y").consumed, 1);
  EXPECT_TRUE(reader.at_boundary());
}

TEST(WebSocketFrames, CanBeTakenOneByOne) {
  FrameReader reader(FrameSender::server);
  const std::string stream = "\x01\x01x\x89\x01!\x80\x01y"s;
  FrameReader::Taken taken = reader.take_frame(stream);
  EXPECT_EQ(taken.step, FrameReader::Step::data);
  EXPECT_EQ(taken.consumed, 3);
  EXPECT_TRUE(reader.at_boundary()) << "though within a message";
  taken = reader.take_frame(stream.substr(3));
  EXPECT_EQ(taken.step, FrameReader::Step::control);
  EXPECT_EQ(taken.consumed, 3);
  EXPECT_EQ(reader.take_frame(stream.substr(6, 2)).step, FrameReader::Step::more);
  EXPECT_EQ(reader.take_frame(stream.substr(8)).step, FrameReader::Step::data);
}

TEST(WebSocketFrames, MayHaveReservedBitsWithAnExtension) {
  FrameReader reader(FrameSender::server, Extensions::any);
  EXPECT_EQ(reader.take("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"s).step, FrameReader::Step::more);
  EXPECT_TRUE(reader.at_boundary());
  EXPECT_EQ(reader.take("\x83"s).step, FrameReader::Step::malformed) << "an opcode that nobody knows";
}

TEST(WebSocketFrames, ControlFramesMayStandBetweenTheFragmentsOfAMessage) {
  EXPECT_EQ(refusal("\x01\x01x\x89\x01!\x00\x01y\x80\x01z\x81\x00"s), "");
}

TEST(WebSocketFrames, ACloseFrameHasACodeOrNone) {
  FrameReader reader(FrameSender::server);
  EXPECT_EQ(reader.take(written_close(1001, "server shutting down")).step, FrameReader::Step::control);
  EXPECT_EQ(reader.opcode(), Opcode::close);
  EXPECT_EQ(reader.close_code(), 1001);
  EXPECT_EQ(reader.payload().substr(2), "server shutting down");
  FrameReader bare(FrameSender::server);
  EXPECT_EQ(bare.take("\x88\x00"s).step, FrameReader::Step::control);
  EXPECT_EQ(bare.close_code(), kCloseWithoutCode);
}

TEST(WebSocketFrames, ThatBreakTheRulesAreMalformed) {
  EXPECT_EQ(refusal("\xc1\x00"s), "reserved bits without an extension");
  EXPECT_EQ(refusal("\x83\x00"s), "reserved opcode");
  EXPECT_EQ(refusal("\x8b\x00"s), "reserved opcode");
  EXPECT_EQ(refusal("\x09\x00"s), "fragmented control frame");
  EXPECT_EQ(refusal("\x89\x7e"), "control frame too long");
  EXPECT_EQ(refusal("\x80\x00"s), "continuation of nothing");
  EXPECT_EQ(refusal("\x01\x00\x81\x00"s), "a new message within a fragmented one");
  EXPECT_EQ(refusal("\x81\x80"), "a server's frame with a mask");
  EXPECT_EQ(refusal("\x81\x00"s, FrameSender::client), "a client's frame without a mask");
  EXPECT_EQ(refusal("\x88\x00\x81"s), "data after a Close frame");
}

TEST(WebSocketFrames, WithALengthOfMoreBytesThanItTakesAreMalformed) {
  for (const std::string_view head : {"\x82\x7e\x00\x7d"sv, "\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff"sv,
                                      "\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00"sv}) {
    EXPECT_EQ(refusal(head), "malformed length");
  }
  EXPECT_THAT(refusal("\x82\x7e\x00\x7e"s), IsEmpty());
}

TEST(WebSocketFrames, WithACloseCodeThatNobodyMaySendAreMalformed) {
  for (const std::uint16_t code : std::vector<std::uint16_t>{0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
    EXPECT_EQ(refusal(written_close(code, "")), "malformed Close frame") << code;
  }
  for (const std::uint16_t code : std::vector<std::uint16_t>{1000, 1003, 1007, 1014, 3000, 4999}) {
    EXPECT_EQ(refusal(written_close(code, "")), "") << code;
  }
  EXPECT_EQ(refusal("\x88\x01\x03"), "malformed Close frame");
}

}  // namespace
}  // namespace lastcall::http
