#include "service/work_register.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "lastcall/testing.h"
#include "service/work_labels.h"

namespace lastcall::service {
namespace {

using lastcall::testing::ManualClock;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WorkRegisterTest : public ::testing::Test {
 protected:
  std::function<void()> count_drained() {
    return [this] { ++drained_; };
  }

  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  WorkRegister work_{"http", clock_};
  std::atomic<int> drained_ = 0;
};

TEST_F(WorkRegisterTest, CountsTheWorkInFlight) {
  Permit first = work_.try_enter();
  Permit second = work_.try_enter("GET /");
  EXPECT_TRUE(first);
  EXPECT_EQ(work_.in_flight(), 2U);
  first.release();
  first.release();
  EXPECT_FALSE(first);
  EXPECT_EQ(work_.in_flight(), 1U);
}

TEST_F(WorkRegisterTest, RefusesWorkOnceClosedAndCountsWhatItRefused) {
  work_.close({});
  EXPECT_TRUE(work_.closed());
  EXPECT_FALSE(work_.try_enter());
  EXPECT_FALSE(work_.try_enter("GET /"));
  EXPECT_EQ(work_.refused(), 2U);
  EXPECT_EQ(work_.in_flight(), 0U);
}

TEST_F(WorkRegisterTest, SaysAtOnceThatNothingIsInFlight) {
  EXPECT_TRUE(work_.close(count_drained()));
  EXPECT_EQ(drained_, 1);
}

TEST_F(WorkRegisterTest, SaysThatItIsDrainedWhenTheLastPermitEnds) {
  Permit first = work_.try_enter();
  Permit second = work_.try_enter();
  work_.close(count_drained());
  first.release();
  EXPECT_EQ(drained_, 0);
  second.release();
  EXPECT_EQ(drained_, 1);
}

TEST_F(WorkRegisterTest, IsClosedOnce) {
  EXPECT_TRUE(work_.close(count_drained()));
  EXPECT_FALSE(work_.close(count_drained()));
  EXPECT_EQ(drained_, 1);
}

TEST_F(WorkRegisterTest, WaitsForPermitsOfManyThreads) {
  std::vector<Permit> permits(40);
  for (Permit& permit : permits) {
    std::jthread([&] { permit = work_.try_enter(); }).join();
  }
  work_.close(count_drained());
  EXPECT_EQ(work_.in_flight(), 40U);
  permits.resize(1);
  EXPECT_EQ(drained_, 0);
  permits.clear();
  EXPECT_EQ(drained_, 1);
}

TEST_F(WorkRegisterTest, EndsAPermitOnWhateverThread) {
  Permit permit = work_.try_enter("export");
  work_.close(count_drained());
  std::jthread([moved = std::move(permit)]() mutable { moved.release(); }).join();
  EXPECT_EQ(drained_, 1);
  EXPECT_THAT(work_.left(clock_->now(), 10), IsEmpty());
}

TEST_F(WorkRegisterTest, GrantsAForkOfALivingPermitThoughItIsClosed) {
  Permit request = work_.try_enter("POST /orders");
  work_.close(count_drained());
  Permit mail = request.fork("mail");
  request.release();
  EXPECT_TRUE(mail);
  EXPECT_EQ(drained_, 0);
  EXPECT_THAT(work_.left(clock_->now(), 10), ElementsAre(Field(&CutWork::label, "mail")));
  mail.release();
  EXPECT_EQ(drained_, 1);
}

TEST_F(WorkRegisterTest, AForkOfAnEmptyPermitIsEmpty) {
  EXPECT_FALSE(Permit().fork());
}

TEST_F(WorkRegisterTest, CountsWhatHasFinishedSinceTheShutdownBegan) {
  Permit stays = work_.try_enter();
  Permit ends = work_.try_enter();
  work_.try_enter().release();
  EXPECT_EQ(work_.finished(), 0U);
  work_.mark();
  EXPECT_EQ(work_.finished(), 0U);
  ends.release();
  EXPECT_EQ(work_.finished(), 1U);
}

TEST_F(WorkRegisterTest, TellsNamedWorkThatIsLeftTheOldestFirst) {
  const Permit old = work_.try_enter("GET /report");
  clock_->advance(2s);
  const Permit unnamed = work_.try_enter();
  const Permit young = work_.try_enter("GET /orders");
  clock_->advance(1s);
  const std::vector<CutWork> left = work_.left(clock_->now(), 10);
  ASSERT_THAT(left, SizeIs(2));
  EXPECT_EQ(left[0].scope, "http");
  EXPECT_EQ(left[0].label, "GET /report");
  EXPECT_EQ(left[0].age, 3s);
  EXPECT_EQ(left[1].label, "GET /orders");
  EXPECT_EQ(left[1].age, 1s);
  EXPECT_THAT(work_.left(clock_->now(), 1), ElementsAre(Field(&CutWork::label, "GET /report")));
}

TEST_F(WorkRegisterTest, KeepsTheFirst64BytesOfALabel) {
  const std::string longest(WorkScope::kMaxLabel, 'x');
  const Permit permit = work_.try_enter(longest + "y");
  EXPECT_THAT(work_.left(clock_->now(), 10), ElementsAre(Field(&CutWork::label, longest)));
}

TEST_F(WorkRegisterTest, AShorterLabelShowsNothingOfTheOneBeforeIt) {
  work_.try_enter("a long label of work that has ended").release();
  const Permit permit = work_.try_enter("GET /");
  EXPECT_THAT(work_.left(clock_->now(), 10), ElementsAre(Field(&CutWork::label, "GET /")));
}

TEST_F(WorkRegisterTest, CountsWorkThatFindsNoRoomForItsName) {
  constexpr std::size_t kNames = std::size_t{LabelGroup::kSize} * WorkLabels::kMaxGroups;
  std::vector<Permit> permits(kNames + 10);
  for (Permit& permit : permits) {
    permit = work_.try_enter("GET /");
  }
  EXPECT_EQ(work_.in_flight(), kNames + 10);
  EXPECT_THAT(work_.left(clock_->now(), kNames + 10), SizeIs(kNames));
  permits.clear();
  const Permit later = work_.try_enter("GET /later");
  EXPECT_THAT(work_.left(clock_->now(), 10), ElementsAre(Field(&CutWork::label, "GET /later")));
}

TEST(WorkRegister, MayBeOutlivedByItsPermits) {
  auto work = std::make_unique<WorkRegister>("http", std::make_shared<ManualClock>());
  Permit permit = work->try_enter("GET /");
  int drained = 0;
  work->close([&] { ++drained; });
  work.reset();
  const Permit fork = permit.fork("mail");
  permit.release();
  EXPECT_EQ(drained, 0);
}

/// Enters by name and leaves until refused; every 7th permit is ended by a fork of it.
void work_until_closed(WorkRegister& work, std::string_view label) {
  for (int turn = 0; Permit permit = work.try_enter(label); ++turn) {
    if (turn % 7 == 0) {
      permit = permit.fork(label);
    }
  }
}

TEST(WorkRegister, TellsExactlyOnceThatItIsDrainedAndReadsOnlyWholeLabels) {
  const std::string first(WorkScope::kMaxLabel, 'a');
  const std::string second(WorkScope::kMaxLabel - 9, 'b');
  for (int round = 0; round < 50; ++round) {
    WorkRegister work("http", std::make_shared<ManualClock>());
    std::atomic<int> drained = 0;
    {
      const std::jthread one([&] { work_until_closed(work, first); });
      const std::jthread two([&] { work_until_closed(work, second); });
      for (int look = 0; look < 200; ++look) {
        for (const CutWork& cut : work.left({}, 10)) {
          ASSERT_TRUE(cut.label == first || cut.label == second) << cut.label;
        }
      }
      work.close([&] { ++drained; });
    }
    EXPECT_EQ(drained, 1);
    EXPECT_EQ(work.in_flight(), 0U);
    EXPECT_EQ(work.refused(), 2U);
  }
}

TEST(WorkScope, IsAnOpenRegisterUntilThatCloses) {
  auto owned = std::make_unique<WorkRegister>("http", std::make_shared<ManualClock>());
  WorkRegister& work = *owned;
  WorkScope scope(std::move(owned));
  Permit permit = scope.try_enter("GET /");
  EXPECT_EQ(scope.in_flight(), 1U);
  EXPECT_FALSE(scope.closed());
  work.close({});
  EXPECT_TRUE(scope.closed());
  EXPECT_FALSE(scope.try_enter());
}

}  // namespace
}  // namespace lastcall::service
