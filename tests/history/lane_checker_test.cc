// Histories with exactly one fault each: every one is found, and called by its name and no other.
#include "tests/history/lane_checker.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace l3link::history {
namespace {

constexpr uint64_t kSeed = 5, kGeneration = 9, kMessages = 40;
constexpr uint32_t kLane = 3;
const uint64_t kSession = WordOf("a session");

Fingerprint ContentOf(uint64_t number, uint64_t session = kSession) {
  return FingerprintOf({kSeed, kLane, kGeneration, session, number});
}

Event Position(EventKind kind, uint64_t epoch, uint64_t position) {
  Event event;
  event.kind = kind;
  event.session = kSession;
  event.epoch = epoch;
  event.position = position;
  return event;
}

Event Message(EventKind kind, uint64_t position, uint64_t number, uint64_t epoch = 1) {
  Event event = Position(kind, epoch, position);
  event.correlation = number;
  event.content = ContentOf(number);
  return event;
}

// One session: kMessages sent, echoed and acknowledged, as a test may change them before they are told.
class LaneCheckerTest : public testing::Test {
 protected:
  LaneCheckerTest() {
    for (uint64_t number = 0; number < kMessages; ++number) at_chip_.push_back(number), received_.push_back(number);
  }

  void Tell(const Event& event) { checker_.Observe(event); }
  void TellMessages(EventKind kind, const std::vector<uint64_t>& numbers) {
    for (size_t position = 0; position < numbers.size(); ++position) Tell(Message(kind, position, numbers[position]));
  }
  void TellBegin() { Tell(Position(EventKind::kAttached, 1, 0)); }
  void TellRest() {
    Tell(Position(EventKind::kPublished, 1, kMessages));
    TellMessages(EventKind::kSeenAtChip, at_chip_);
    TellMessages(EventKind::kReceived, received_);
    Tell(Position(EventKind::kAcked, 1, kMessages));
  }
  void TellAll() { TellBegin(), TellRest(); }

  // lost, duplicated, reordered, wrong, after fencing, wrong final
  void Expect(const std::vector<uint64_t>& counts) {
    const Findings& f = checker_.Finish();
    EXPECT_EQ((std::vector<uint64_t>{f.lost, f.duplicated, f.reordered, f.wrong, f.after_fencing, f.wrong_final}),
              counts);
    EXPECT_EQ(f.clean(), f.cases.empty());
  }

  std::vector<uint64_t> at_chip_;  // numbers in the order in which they came
  std::vector<uint64_t> received_;
  LaneChecker checker_{kSeed, kLane, kGeneration};
};

TEST_F(LaneCheckerTest, PassesACleanHistory) {
  TellAll();
  Tell(Position(EventKind::kFinalPublished, 0, kMessages));
  Tell(Position(EventKind::kFinalConsumed, 0, kMessages));
  Tell(Position(EventKind::kFinalReturned, 0, kMessages));
  Tell(Position(EventKind::kFinalAcked, 0, kMessages));
  Expect({0, 0, 0, 0, 0, 0});
}

TEST_F(LaneCheckerTest, PassesAHistoryOfDeathsWhoseUnacknowledgedMessagesComeAgainMarked) {
  TellBegin();
  for (uint64_t i = 0; i < 10; ++i) Tell(Message(EventKind::kReceived, i, i));
  Tell(Position(EventKind::kAcked, 1, 6));
  Tell(Position(EventKind::kAttached, 2, 12));
  for (uint64_t i = 6; i < kMessages; ++i) {
    Event event = Message(EventKind::kReceived, i, i, 2);
    event.redelivered = i < 12;  // 10 and 11 had left the node, and never came
    Tell(event);
  }
  Tell(Position(EventKind::kPublished, 2, kMessages));
  EXPECT_EQ(checker_.redelivered(), 4u);
  Expect({0, 0, 0, 0, 0, 0});
}

TEST_F(LaneCheckerTest, FindsALossOnTheWayBack) {
  received_.erase(received_.begin() + 17);
  TellAll();
  Expect({1, 0, 0, 0, 0, 0});
}

TEST_F(LaneCheckerTest, FindsALossOfTheLast) {
  received_.pop_back();
  TellAll();
  Expect({1, 0, 0, 0, 0, 0});
}

TEST_F(LaneCheckerTest, DoesNotCallLostWhatWasUnderWayWhenTheHistoryBrokeOff) {
  received_.pop_back();
  received_.erase(received_.begin() + 17);
  TellAll();
  EXPECT_EQ(checker_.Finish(true).lost, 1u);
}

TEST_F(LaneCheckerTest, FindsALossAtBothEndsAtEach) {
  at_chip_.erase(at_chip_.begin() + 17);
  received_.erase(received_.begin() + 17);
  TellAll();
  Expect({2, 0, 0, 0, 0, 0});
}

TEST_F(LaneCheckerTest, KnowsWhatComesAgainAfterALoss) {
  TellBegin();
  for (uint64_t i = 0; i < 20; ++i) Tell(Message(EventKind::kReceived, i, i));
  for (uint64_t i = 20; i < 30; ++i) Tell(Message(EventKind::kReceived, i, i + 1));
  Tell(Position(EventKind::kAttached, 2, 31));
  for (uint64_t i = 25; i < kMessages - 1; ++i) {
    Event event = Message(EventKind::kReceived, i, i + 1, 2);
    event.redelivered = i < 35;
    Tell(event);
  }
  Tell(Position(EventKind::kPublished, 2, kMessages));
  EXPECT_EQ(checker_.redelivered(), 5u);
  Expect({1, 0, 0, 0, 0, 0});
}

TEST_F(LaneCheckerTest, FindsALossOfMoreThanItLooksAround) {
  TellBegin();
  Tell(Position(EventKind::kPublished, 1, 1000));
  for (uint64_t i = 0; i < 500; ++i) Tell(Message(EventKind::kReceived, i, i));
  for (uint64_t i = 500; i < 800; ++i) Tell(Message(EventKind::kReceived, i, i + 200));
  Expect({200, 0, 0, 0, 0, 0});
}

TEST_F(LaneCheckerTest, FindsADuplicateOnTheWayBack) {
  received_.insert(received_.begin() + 17, 16);
  TellAll();
  Expect({0, 1, 0, 0, 0, 0});
}

TEST_F(LaneCheckerTest, FindsADuplicateAtTheChip) {
  at_chip_.insert(at_chip_.begin() + 17, 12);
  TellAll();
  Expect({0, 1, 0, 0, 0, 0});
}

TEST_F(LaneCheckerTest, FindsARedeliveryOfWhatWasAcknowledged) {
  TellAll();
  Event event = Message(EventKind::kReceived, 30, 30);
  event.redelivered = 1;
  Tell(event);
  Expect({0, 1, 0, 0, 0, 0});
}

TEST_F(LaneCheckerTest, FindsARedeliveryThatIsNotMarked) {
  TellBegin();
  TellMessages(EventKind::kReceived, received_);
  Tell(Message(EventKind::kReceived, 30, 30));
  Expect({0, 1, 0, 0, 0, 0});
}

TEST_F(LaneCheckerTest, FindsASwap) {
  std::swap(received_[17], received_[18]);
  TellAll();
  Expect({0, 0, 1, 0, 0, 0});
}

TEST_F(LaneCheckerTest, FindsOneChangedByteAnywhereInAPayload) {
  char place[kMostPayloadBytes + 8];
  const size_t bytes = WritePayload({kSeed, kLane, kGeneration, kSession, 17}, place);
  for (size_t at = 0; at < bytes; ++at) {
    LaneChecker checker(kSeed, kLane, kGeneration);
    checker.Observe(Position(EventKind::kAttached, 1, 0));
    for (uint64_t i = 0; i < kMessages; ++i) {
      Event event = Message(EventKind::kReceived, i, i);
      if (i == 17) {
        place[at] = static_cast<char>(place[at] ^ 1);
        event.content = {static_cast<uint32_t>(bytes), DigestOf({place, bytes})};
        place[at] = static_cast<char>(place[at] ^ 1);
      }
      checker.Observe(event);
    }
    checker.Observe(Position(EventKind::kPublished, 1, kMessages));
    EXPECT_EQ(checker.Finish().wrong, 1u) << at;
    EXPECT_EQ(checker.findings().lost, 0u) << at;
  }
}

TEST_F(LaneCheckerTest, FindsOtherBytesAtAPositionThatComesAgain) {
  TellBegin();
  TellMessages(EventKind::kReceived, received_);
  Event event = Message(EventKind::kReceived, 30, 31);
  event.redelivered = 1;
  Tell(event);
  Expect({0, 0, 0, 1, 0, 0});
}

TEST_F(LaneCheckerTest, FindsAMessageOfAFencedSessionAtTheChip) {
  TellBegin();
  for (uint64_t i = 0; i < 5; ++i) Tell(Message(EventKind::kReceived, i, i));
  Tell(Position(EventKind::kPublished, 1, 5));
  const uint64_t next = WordOf("the next session");
  Event attached = Position(EventKind::kAttached, 2, 5);
  attached.session = next;
  Tell(attached);
  for (uint64_t i = 0; i < 10; ++i) {
    Event event = Message(EventKind::kSeenAtChip, i, i);
    if (i >= 5 && i != 7) event.content = ContentOf(i, next);
    Tell(event);
  }
  Expect({0, 0, 0, 0, 1, 0});
}

TEST_F(LaneCheckerTest, FindsAnAcknowledgementAfterFencing) {
  TellAll();
  Tell(Position(EventKind::kFenced, 1, 0));
  Tell(Position(EventKind::kAcked, 1, kMessages));
  Expect({0, 0, 0, 0, 1, 0});
}

TEST_F(LaneCheckerTest, FindsAnEpochThatDidNotRise) {
  TellAll();
  Tell(Position(EventKind::kAttached, 1, kMessages));
  Expect({0, 0, 0, 0, 1, 0});
}

TEST_F(LaneCheckerTest, FindsEachWrongFinalPosition) {
  const EventKind kinds[] = {EventKind::kFinalPublished, EventKind::kFinalConsumed, EventKind::kFinalReturned,
                             EventKind::kFinalAcked};
  TellAll();
  for (const EventKind kind : kinds) Tell(Position(kind, 0, kMessages + 1));
  for (const EventKind kind : kinds) Tell(Position(kind, 0, kMessages - 1));
  Expect({0, 0, 0, 0, 0, 8});
}

}  // namespace
}  // namespace l3link::history
