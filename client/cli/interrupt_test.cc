#include "client/cli/interrupt.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "absl/synchronization/notification.h"

namespace l3link::cli {
namespace {

TEST(InterruptTest, CtrlCRunsTheReactionAndEndsWaiting) {
  Interrupt interrupt;
  absl::Notification reacted;
  Interrupt::Reaction reaction(interrupt, [&reacted] { reacted.Notify(); });
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_FALSE(interrupt.requested());
  kill(getpid(), SIGINT);
  EXPECT_EQ(AwaitReadable(interrupt, ends[0], absl::Minutes(1)), Readiness::kInterrupted);
  reacted.WaitForNotification();
  EXPECT_TRUE(interrupt.requested());
  close(ends[0]);
  close(ends[1]);
}

TEST(InterruptTest, AwaitReadableSeesDataAndEndOfFile) {
  Interrupt interrupt;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(AwaitReadable(interrupt, ends[0], absl::ZeroDuration()), Readiness::kNothing);
  close(ends[1]);
  EXPECT_EQ(AwaitReadable(interrupt, ends[0], absl::Minutes(1)), Readiness::kReadable);
  close(ends[0]);
}

TEST(InterruptTest, AReactionThatIsGoneDoesNotRun) {
  Interrupt interrupt;
  bool ran = false;
  {
    Interrupt::Reaction reaction(interrupt, [&ran] { ran = true; });
  }
  absl::Notification reacted;
  Interrupt::Reaction last(interrupt, [&reacted] { reacted.Notify(); });
  kill(getpid(), SIGTERM);
  reacted.WaitForNotification();
  EXPECT_FALSE(ran);
}

TEST(InterruptTest, StopsWithoutASignal) { Interrupt interrupt; }

}  // namespace
}  // namespace l3link::cli
