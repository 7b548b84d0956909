// Sleeps until times of the wall clock, which is set before them and while they last.
#include <chrono>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/support/wall_clock.h"

namespace l3link {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Not absl::Now(), which for up to two seconds goes on from an earlier look.
absl::Time Look() { return absl::FromChrono(std::chrono::system_clock::now()); }

class SteadySleepTest : public testing::TestWithParam<absl::Duration> {
 protected:
  static void SleepUntil(absl::Time end) {
    absl::Mutex mutex;
    absl::CondVar never;
    absl::MutexLock lock(&mutex);
    while (!never.WaitWithDeadline(&mutex, end)) continue;
  }

  void Jump() { clock_.Set(GetParam()); }

  WallClock clock_;
};

TEST_P(SteadySleepTest, LastsAsLongWhenTheClockIsSetMeanwhile) {
  std::thread setter([this] {
    std::this_thread::sleep_for(milliseconds(100));
    Jump();
  });
  const auto began = Steady::now();
  SleepUntil(Look() + absl::Milliseconds(500));
  EXPECT_GE(Steady::now() - began, milliseconds(500));
  setter.join();
}

TEST_P(SteadySleepTest, LastsAsLongWhenTheClockIsSetBetweenTheLookAndTheSleep) {
  const auto began = Steady::now();
  const absl::Time end = Look() + absl::Milliseconds(500);
  Jump();
  SleepUntil(end);
  EXPECT_GE(Steady::now() - began, milliseconds(500));
}

TEST_P(SteadySleepTest, GoesOnAsItWasWhenItIsBrokenOff) {
  absl::Mutex mutex;
  absl::CondVar woken;
  std::thread waker([&] {
    std::this_thread::sleep_for(milliseconds(1500));  // the sleeper's look is old
    Jump();
    absl::MutexLock lock(&mutex);
    woken.Signal();
  });
  const auto began = Steady::now();
  const absl::Time end = Look() + absl::Milliseconds(2000);
  {
    absl::MutexLock lock(&mutex);
    while (!woken.WaitWithDeadline(&mutex, end)) continue;
  }
  EXPECT_GE(Steady::now() - began, milliseconds(2000));
  waker.join();
}

TEST_P(SteadySleepTest, LastsUntilATimeThatAnotherThreadMadeOfALaterLook) {
  absl::Notification made;
  absl::Time end;
  std::thread sleeper([&] {
    Look();
    made.WaitForNotification();
    SleepUntil(end);
  });
  std::this_thread::sleep_for(milliseconds(1500));
  Jump();
  const auto began = Steady::now();
  end = Look() + absl::Milliseconds(500);
  made.Notify();
  sleeper.join();
  EXPECT_GE(Steady::now() - began, milliseconds(500));
}

INSTANTIATE_TEST_SUITE_P(Jumps, SteadySleepTest, testing::Values(absl::Hours(24 * 30), absl::Hours(-24 * 30)),
                         [](const auto& test) { return test.param > absl::ZeroDuration() ? "Forward" : "Back"; });

}  // namespace
}  // namespace l3link

int main(int argc, char** argv) {
  l3link::RunUnderWallClock(argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
