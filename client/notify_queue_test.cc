#include "client/notify_queue.h"

#include <vector>

#include "absl/time/time.h"
#include "client/errors.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

MonoTime At(double seconds) { return After(MonoTime(), absl::Seconds(seconds)); }

class NotifyQueueTest : public testing::Test {
 protected:
  void Attach(uint64_t next, const std::string& session = "mine") {
    v1::MemoryAttached attached;
    attached.set_session_id(session);
    attached.set_next_op_sequence(next);
    queue_.OnAttached(attached);
  }
  void Break() { queue_.OnBroken(absl::UnavailableError("node rack-7: gone")); }
  // Sets signal `value` to `value`, so that frames can be told apart.
  void Add(uint64_t value, NotifyTicket* ticket) {
    v1::Notification notify;
    notify.set_value(value);
    queue_.Add(notify, At(30), At(60), ticket);
  }
  // "sequence=value" of all that is to be sent now.
  std::vector<std::string> Sent() {
    std::vector<std::string> sent;
    while (const auto frame = queue_.NextFrame()) {
      sent.push_back(std::to_string(frame->operation().op_sequence()) + "=" +
                     std::to_string(frame->operation().notify().value()));
    }
    return sent;
  }
  void Answer(uint64_t sequence, uint64_t value) {
    v1::OperationResult result;
    result.set_op_sequence(sequence);
    result.set_signal_value(value);
    queue_.OnResult(result);
  }
  void Refuse(uint64_t sequence, v1::Reason reason) {
    v1::OperationResult result;
    result.set_op_sequence(sequence);
    result.set_code(static_cast<uint32_t>(absl::StatusCode::kUnknown));
    result.set_reason(v1::Reason_Name(reason));
    result.set_message("no");
    queue_.OnResult(result);
  }
  static bool IsUnanswered(const NotifyTicket& ticket) { return ticket.over && !ticket.answer; }
  static uint64_t ValueOf(const NotifyTicket& ticket) {
    EXPECT_TRUE(ticket.over);
    return ticket.answer && ticket.answer->ok() ? **ticket.answer : 0;
  }
  static absl::Status ErrorOf(const NotifyTicket& ticket) {
    EXPECT_TRUE(ticket.over);
    return ticket.answer ? ticket.answer->status() : absl::OkStatus();
  }

  using Sequence = std::vector<std::string>;
  NotifyQueue queue_{"rack-7"};
  NotifyTicket a_, b_, c_;
};

TEST_F(NotifyQueueTest, SendsUnderConsecutiveSequencesAndAnswersInOrder) {
  EXPECT_FALSE(queue_.open());
  EXPECT_EQ(queue_.session_id(), "");
  Attach(1);
  EXPECT_TRUE(queue_.open());
  EXPECT_EQ(queue_.session_id(), "mine");
  Add(7, &a_);
  Add(8, &b_);
  EXPECT_TRUE(queue_.in_doubt());
  EXPECT_EQ(Sent(), (Sequence{"1=7", "2=8"}));
  Answer(1, 7);
  EXPECT_EQ(ValueOf(a_), 7u);
  EXPECT_FALSE(b_.over);
  Answer(2, 8);
  EXPECT_EQ(ValueOf(b_), 8u);
  EXPECT_FALSE(queue_.in_doubt());
}

TEST_F(NotifyQueueTest, SendsAgainWhatWasDoneAndNotAnswered) {
  Attach(1);
  Add(7, &a_);
  Add(8, &b_);
  Sent();
  Answer(1, 7);
  Break();
  EXPECT_FALSE(queue_.open());
  EXPECT_TRUE(queue_.in_doubt());
  EXPECT_EQ(Sent(), Sequence()) << "nothing without a stream";
  Attach(3);
  EXPECT_EQ(Sent(), (Sequence{"2=8"}));
  Add(9, &c_);
  EXPECT_EQ(Sent(), (Sequence{"3=9"}));
  Answer(2, 8);
  Answer(3, 9);
  EXPECT_EQ(ValueOf(b_), 8u);
  EXPECT_EQ(ValueOf(c_), 9u);
}

TEST_F(NotifyQueueTest, SendsAgainWhatNeverArrived) {
  Attach(1);
  Add(7, &a_);
  Add(8, &b_);
  Sent();
  Break();
  Attach(2);
  EXPECT_EQ(Sent(), (Sequence{"1=7", "2=8"})) << "the first for its answer";
  Answer(1, 7);
  Break();
  Attach(2);
  EXPECT_EQ(Sent(), (Sequence{"2=8"}));
  Answer(2, 8);
  EXPECT_EQ(ValueOf(b_), 8u);
}

TEST_F(NotifyQueueTest, LeavesWhatWasNeverSentToItsCallerWhenTheStreamBreaks) {
  Attach(1);
  Add(7, &a_);
  ASSERT_TRUE(queue_.NextFrame().has_value());
  Add(8, &b_);
  Break();
  EXPECT_FALSE(a_.over);
  EXPECT_TRUE(IsUnanswered(b_));
  Attach(1);
  EXPECT_EQ(Sent(), (Sequence{"1=7"}));
}

TEST_F(NotifyQueueTest, DoesNotKnowWhatBecameOfItAtANodeThatForgotTheSession) {
  Attach(1);
  Add(6, &c_);
  Sent();
  Answer(1, 6);
  Add(7, &a_);
  Sent();
  Break();
  Attach(1);
  EXPECT_TRUE(HasReason(ErrorOf(a_), v1::OUTCOME_UNKNOWN)) << ErrorOf(a_);
  EXPECT_EQ(ErrorOf(a_).code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(MetadataOf(ErrorOf(a_))["op_sequence"], "2");
  EXPECT_EQ(ErrorOf(a_).message().substr(0, 13), "node rack-7: ");
  Add(8, &b_);
  EXPECT_EQ(Sent(), (Sequence{"1=8"})) << "the new session begins anew";
  Answer(1, 8);
  EXPECT_EQ(ValueOf(b_), 8u);
}

TEST_F(NotifyQueueTest, BelievesNoSessionThatIsFurtherThanItWasTaken) {
  Attach(1);
  Add(7, &a_);
  Sent();
  Break();
  Attach(3);
  EXPECT_TRUE(HasReason(ErrorOf(a_), v1::OUTCOME_UNKNOWN)) << ErrorOf(a_);
  Add(8, &b_);
  EXPECT_EQ(Sent(), (Sequence{"3=8"}));
}

TEST_F(NotifyQueueTest, LeavesARefusedOneToItsCallerAndGoesOn) {
  Attach(1);
  Add(7, &a_);
  Add(8, &b_);
  Sent();
  Refuse(1, v1::SIGNAL_NOT_FOUND);
  EXPECT_TRUE(IsUnanswered(a_));
  EXPECT_TRUE(queue_.open());
  Answer(2, 8);
  EXPECT_EQ(ValueOf(b_), 8u);
}

TEST_F(NotifyQueueTest, TellsAnUnknownOutcomeAndAsksNobodyElse) {
  Attach(1);
  Add(7, &a_);
  Sent();
  Refuse(1, v1::OUTCOME_UNKNOWN);
  EXPECT_TRUE(HasReason(ErrorOf(a_), v1::OUTCOME_UNKNOWN)) << ErrorOf(a_);
  EXPECT_EQ(ErrorOf(a_).message(), "node rack-7: no");
}

TEST_F(NotifyQueueTest, IsClosedWhereTheNodeKeepsNoSession) {
  for (const v1::Reason reason : {v1::LIMIT_REACHED, v1::STATE_SPACE_FULL}) {
    SCOPED_TRACE(v1::Reason_Name(reason));
    NotifyTicket sent, unsent;
    Attach(1);
    Add(7, &sent);
    ASSERT_TRUE(queue_.NextFrame().has_value());
    Add(8, &unsent);
    Refuse(1, reason);
    EXPECT_TRUE(IsUnanswered(sent));
    EXPECT_TRUE(IsUnanswered(unsent));
    EXPECT_FALSE(queue_.open());
    EXPECT_EQ(Sent(), Sequence());
    Break();
    Attach(1, "another");
    EXPECT_TRUE(queue_.open());
  }
  Attach(0, "");
  EXPECT_FALSE(queue_.open()) << "no session at all";
}

TEST_F(NotifyQueueTest, EndsByItsDeadlineWhileAttachedAndByItsPatienceWhileNot) {
  Attach(1);
  EXPECT_EQ(queue_.NextDeadline(), kNever);
  Add(7, &a_);
  Add(8, &b_);
  ASSERT_TRUE(queue_.NextFrame().has_value());
  EXPECT_EQ(queue_.NextDeadline(), At(60));
  queue_.Expire(At(59));
  EXPECT_FALSE(a_.over);
  queue_.Expire(At(60));
  EXPECT_TRUE(absl::IsDeadlineExceeded(ErrorOf(a_))) << ErrorOf(a_);
  EXPECT_TRUE(absl::IsDeadlineExceeded(ErrorOf(b_))) << ErrorOf(b_);
  EXPECT_EQ(Sent(), Sequence()) << "nobody waits for the second any more";
  Add(9, &c_);
  EXPECT_EQ(Sent(), (Sequence{"2=9"}));
  Answer(1, 7);
  Break();
  EXPECT_EQ(queue_.NextDeadline(), At(30));
  queue_.Expire(At(30));
  EXPECT_EQ(ErrorOf(c_), absl::UnavailableError("node rack-7: gone"));
  EXPECT_FALSE(queue_.in_doubt());
  EXPECT_EQ(queue_.NextDeadline(), kNever);
}

TEST_F(NotifyQueueTest, DoesNotSendAgainForACallerThatHasGone) {
  Attach(1);
  Add(7, &a_);
  Sent();
  Break();
  queue_.Expire(At(30));
  EXPECT_TRUE(a_.over);
  Attach(1);
  Add(8, &b_);
  EXPECT_EQ(Sent(), (Sequence{"1=8"})) << "the node never saw the other, and takes nothing from the older stream";
  Answer(1, 8);
  EXPECT_EQ(ValueOf(b_), 8u);
}

TEST_F(NotifyQueueTest, FailsWhatWasSentAndTakesALateAnswerForNothing) {
  Attach(1);
  Add(7, &a_);
  Sent();
  Break();
  queue_.Fail(absl::NotFoundError("no such region"));
  EXPECT_TRUE(absl::IsNotFound(ErrorOf(a_)));
  EXPECT_FALSE(queue_.in_doubt());
  Attach(2);
  Answer(1, 7);
  Add(8, &b_);
  EXPECT_EQ(Sent(), (Sequence{"2=8"}));
}

}  // namespace
}  // namespace l3link::client
