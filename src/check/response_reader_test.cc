#include "check/response_reader.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/fields.h"

namespace lastcall::check {
namespace {

using Step = ResponseReader::Step;

using testing::ElementsAre;

/// One response, given in pieces.
class Reading {
 public:
  Reading(std::string_view in, std::size_t piece) : decoded_(in.size() + http::Body::kRoom) {
    reader.begin();
    for (; !in.empty() && !over_; in.remove_prefix(std::min(piece, in.size()))) {
      take(in.substr(0, piece));
    }
  }

  ResponseReader reader;
  std::vector<Step> steps{};
  std::string payload{};
  std::string left{};  ///< of the last piece

 private:
  void take(std::string_view part) {
    for (Step step = Step::head; !over_ && step != Step::more;) {
      const ResponseReader::Taken taken = reader.take(part, decoded_);
      step = taken.step;
      part.remove_prefix(taken.consumed);
      payload += taken.payload;
      over_ = step == Step::complete || step == Step::malformed;
      if (step != Step::more) {
        steps.push_back(step);
      }
    }
    left = part;
  }

  std::vector<char> decoded_;
  bool over_ = false;
};

TEST(ResponseReader, ReadsAWholeResponseWhereverItIsCut) {
  const std::string head = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n";
  for (const std::string& response :
       {head + "Content-Length: 5\r\n\r\nhello",
        head + "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, response.size()}) {
      const Reading reading(response, piece);
      EXPECT_THAT(reading.steps, ElementsAre(Step::interim, Step::head, Step::complete));
      EXPECT_EQ(reading.payload, "hello");
      EXPECT_EQ(reading.reader.body_bytes(), 5);
      EXPECT_EQ(reading.reader.status(), 200);
      EXPECT_TRUE(reading.reader.keep_alive());
    }
  }
}

TEST(ResponseReader, LeavesWhatIsNotItsOwn) {
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  const Reading first(ok + ok, 1000);
  EXPECT_EQ(first.left, ok);
  const Reading empty("HTTP/1.1 204 No Content\r\n\r\n" + ok, 1000);
  EXPECT_EQ(empty.left, ok);
}

TEST(ResponseReader, IsCompletedByTheEndOfTheConnectionOnlyIfTheFramingSaysSo) {
  const Reading until_close("HTTP/1.1 200 OK\r\n\r\nhe", 1000);
  EXPECT_TRUE(until_close.reader.ended_by_close());
  EXPECT_FALSE(until_close.reader.keep_alive());
  EXPECT_FALSE(Reading("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", 1000).reader.ended_by_close());
  EXPECT_FALSE(Reading("HTTP/1.1 200 OK\r\nContent-", 1000).reader.ended_by_close());
}

TEST(ResponseReader, KnowsWhatTheServerOffers) {
  const Reading busy("HTTP/1.1 503 Busy\r\nRETRY-AFTER: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                     1000);
  EXPECT_TRUE(busy.reader.retry_after());
  EXPECT_FALSE(busy.reader.keep_alive());
  EXPECT_FALSE(Reading("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 1000).reader.keep_alive());
}

TEST(ResponseReader, GivesTheFieldsOfTheHead) {
  constexpr std::string_view kSwitch =
      "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81";
  ResponseReader reader;
  reader.begin();
  const ResponseReader::Taken taken = reader.take(kSwitch, {});
  EXPECT_EQ(taken.step, Step::head);
  EXPECT_EQ(taken.consumed, kSwitch.size() - 1);
  EXPECT_EQ(http::find_field(taken.fields, "upgrade"), "websocket");
  EXPECT_EQ(http::find_field(taken.fields, "sec-websocket-accept"), std::nullopt);
}

TEST(ResponseReader, RefusesWhatIsMalformed) {
  EXPECT_THAT(Reading("what?\r\n\r\n", 1000).steps, ElementsAre(Step::malformed));
  EXPECT_THAT(Reading("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 1000).steps,
              ElementsAre(Step::head, Step::malformed));
}

}  // namespace
}  // namespace lastcall::check
