#include "wrapper/progress.h"

#include <gtest/gtest.h>

namespace lastcall::wrapper {
namespace {

TEST(ProgressLine, CountsWhatIsInFlightByKind) {
  const drain::InFlight in_flight{
      .requests = 17, .uploads = 3, .downloads = 4, .tunnels = 1, .idle = 20, .silent = 2, .heads = 1};
  EXPECT_EQ(progress_line(drain::Phase::draining, in_flight, 27500ms, 200),
            "draining: 17 requests (3 uploading, 4 downloading), 1 tunnel, 23 idle; 28 s left");
}

TEST(ProgressLine, SaysThatNothingIsInFlight) {
  EXPECT_EQ(progress_line(drain::Phase::lame_duck, {}, -1s, 200), "lame duck: nothing in flight; 0 s left");
}

TEST(ProgressLine, FitsTheTerminal) {
  EXPECT_EQ(progress_line(drain::Phase::stopping, {}, 1s, 10), "stopping: ");
}

}  // namespace
}  // namespace lastcall::wrapper
