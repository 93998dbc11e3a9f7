#include "http/event_stream.h"

#include <string>

#include <gtest/gtest.h>

namespace lastcall::http {
namespace {

EventStream after(std::string_view bytes) {
  EventStream stream;
  stream.take(bytes);
  return stream;
}

TEST(EventStream, EndsWellBetweenEventsHoweverLinesEnd) {
  for (const std::string_view bytes :
       {"", "data: x\n\n", "data: x\r\r", "data: x\r\n\r\n", "data: x\r\n\n", "data: x\n\r",
        "data: x\n\n\n\n", "data\n\n", "data: x\n\ndata: y\n\n"}) {
    EXPECT_TRUE(after(bytes).at_boundary()) << bytes;
  }
}

TEST(EventStream, EndsBadlyWithinAnEventOrALine) {
  for (const std::string_view bytes :
       {"d", "data: x", "data: x\n", "data: x\r\n", "id: 7\n", "event: e\nda", "data: x\n\nd", ": comm",
        "data: x\n: comment\n", "data: x\nretry: 1\n"}) {
    EXPECT_FALSE(after(bytes).at_boundary()) << bytes;
  }
}

TEST(EventStream, LosesNothingAfterACommentOrARetry) {
  EXPECT_TRUE(after(": still here\n").at_boundary());
  EXPECT_TRUE(after("data: x\n\n:\r").at_boundary());
  EXPECT_TRUE(after("retry: 500\n").at_boundary());
}

TEST(EventStream, KnowsARetryWithANumber) {
  for (const std::string_view bytes : {"retry:1\n", "retry: 2500\r\n", "data: x\nretry: 3\n\n"}) {
    EXPECT_TRUE(after(bytes).retry_seen()) << bytes;
  }
  for (const std::string_view bytes : {"retry: 1", "retry\n", "retry:\n", "retry: soon\n", "retry:  1\n",
                                       "Retry: 1\n", " retry: 1\n", "data: retry: 1\n", ":retry: 1\n"}) {
    EXPECT_FALSE(after(bytes).retry_seen()) << bytes;
  }
  EXPECT_FALSE(after("retry: " + std::string(40, '1') + "\n").retry_seen()) << "no number of milliseconds";
}

TEST(EventStream, PassesOverAByteOrderMarkAtItsBeginningOnly) {
  EXPECT_TRUE(after("\xef\xbb\xbfretry: 1\n").retry_seen());
  EXPECT_TRUE(after("\xef\xbb\xbf\n").at_boundary());
  EXPECT_FALSE(after("\n\xef\xbb\xbfretry: 1\n").retry_seen());
}

TEST(EventStream, SaysWhereTheNextEventEnds) {
  EventStream stream = after("data: half");
  EXPECT_EQ(stream.take_to_boundary(" of it\n"), 7);
  EXPECT_FALSE(stream.at_boundary());
  EXPECT_EQ(stream.take_to_boundary("id: 1\n\ndata: next\n\n"), 7);
  EXPECT_TRUE(stream.at_boundary());
  EXPECT_EQ(stream.take_to_boundary("data: next\n\n"), 0) << "it is there already";
}

TEST(EventStream, IsTheSameWhereverItIsCut) {
  constexpr std::string_view kBytes = "\xef\xbb\xbfretry: 10\r\ndata: x\r\n\r\n: c\rdata: y\n\r\n";
  for (std::size_t cut = 0; cut <= kBytes.size(); ++cut) {
    EventStream stream;
    stream.take(kBytes.substr(0, cut));
    stream.take(kBytes.substr(cut));
    EXPECT_TRUE(stream.at_boundary()) << cut;
    EXPECT_TRUE(stream.retry_seen()) << cut;
  }
}

}  // namespace
}  // namespace lastcall::http
