// Deaths of a built-in chip program after each of its stores: what its successor makes of it answers every question once.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/sim/chip/echo.h"
#include "backends/sim/chip/faults.h"
#include "backends/sim/chip/responding_channel.h"
#include "gtest/gtest.h"
#include "tests/crash/daemon.h"
#include "tests/crash/scenario.h"
#include "tests/crash/stepped_child.h"

namespace l3link {
namespace {

// A chip process' program: attached anew, with the channel opened anew.
class EchoLife {
 public:
  explicit EchoLife(CrashFiles* files) {
    l3_platform platform = {};
    platform.now_us = [](void*) -> uint64_t { return 1; };
    platform.shared_rmw = 1;
    l3_object object;
    l3_channel channel;
    if (l3_attach(&chip_, files->arena().data(), files->arena().size(), &platform) != L3_OK ||
        l3_find_by_name(&chip_, L3_OBJECT_CHANNEL, "jobs", &object) != L3_OK ||
        l3_channel_open(&chip_, &object, &channel) != L3_OK)
      abort();
    program_ = std::make_unique<RespondingChannel>(channel, std::make_unique<Echo>(), &faults_);
  }

  bool Turn() { return program_->Work(1, true); }

 private:
  l3_chip chip_ = {};
  Faults faults_;
  std::unique_ptr<RespondingChannel> program_;
};

class ChipCrashTest : public testing::Test {
 protected:
  // `lanes` to the chip, one back. Both rings have been round before.
  void OpenJobs(uint32_t lanes) {
    lanes_ = lanes;
    ChannelConfig config = CrashChannelConfig(1, false);
    config.host_to_chip_lanes = lanes;
    ASSERT_TRUE(daemon_.Start().ok());
    ASSERT_TRUE(daemon_.table().OpenChannel("jobs", config).ok());
    chip_ = std::make_unique<EchoLife>(&files_);
    for (int i = 0; i < 6; ++i) {
      Ask(i % lanes);
      ASSERT_TRUE(chip_->Turn());
      ASSERT_EQ(TakeAnswers(daemon_), asked_);
      asked_.clear();
    }
  }

  void Ask(uint32_t lane) {
    LaneProducer& producer = daemon_.producer("jobs", lane);
    ASSERT_EQ(producer.LookForRoom(), LaneResult::kOk);
    ++questions_;
    asked_.push_back(absl::StrCat("lane ", lane, " question ", questions_, std::string(questions_ * 7 % 40, '.')));
    SendToChip(producer, asked_.back());
  }

  static std::vector<std::string> TakeAnswers(Daemon& daemon) {
    std::vector<std::string> answers;
    for (std::string text; ReceiveFromChip(daemon.consumer("jobs"), &text);) answers.push_back(text);
    daemon.consumer("jobs").JournalDelivered();
    (void)daemon.consumer("jobs").Ack(daemon.consumer("jobs").delivered());
    return answers;
  }

  // What is wrong with what a successor makes of the files as they are in `image`; empty: nothing.
  std::string FaultAfter(const Image& image) {
    copies_.Put(image);
    Daemon daemon(&copies_);
    const absl::Status recovered = daemon.Recover();
    if (!recovered.ok()) return recovered.ToString();
    EchoLife successor(&copies_);
    std::vector<std::string> answers;
    for (int idle = 0; idle < 3;) {  // a turn may find no room that the host gives back right after
      for (const std::string& answer : TakeAnswers(daemon)) answers.push_back(answer);
      if (!successor.Turn()) ++idle;
    }
    if (answers != asked_) return absl::StrCat("answered: ", testing::PrintToString(answers));
    for (uint32_t lane = 0; lane < lanes_; ++lane) {
      LaneProducer& producer = daemon.producer("jobs", lane);
      (void)producer.LookForRoom();
      if (producer.poison().has_value() || producer.consumed() != producer.published())
        return absl::StrCat("lane ", lane, ": ", producer.consumed(), " of ", producer.published(), " given back");
    }
    return "";
  }

  // Every state that `life` leaves the files in, from `start` to its end.
  std::vector<Image> StatesOf(const Image& start, const std::function<bool()>& life) {
    files_.Put(start);
    std::vector<Image> states = {start};
    SteppedChild child(life);
    while (child.Step()) {
      ++instructions_;
      if (files_.arena().size() != states.back().arena.size() ||
          memcmp(files_.arena().data(), states.back().arena.data(), states.back().arena.size()) != 0)
        states.push_back(files_.Take());
    }
    EXPECT_TRUE(child.succeeded());
    return states;
  }

  // Kills the program that is there after each store of its next turn; and every successor that then comes after each
  // store of its whole life.
  void CrashEverywhere(const char* name) {
    const std::vector<Image> states = StatesOf(files_.Take(), [this] { return chip_->Turn(); });
    size_t deaths = 0;
    for (size_t store = 0; store < states.size(); ++store) {
      ASSERT_EQ(FaultAfter(states[store]), "") << name << ", store " << store;
      const std::vector<Image> next = StatesOf(states[store], [this] {
        EchoLife successor(&files_);
        successor.Turn();
        return true;
      });
      for (size_t at = 0; at < next.size(); ++at)
        ASSERT_EQ(FaultAfter(next[at]), "") << name << ", store " << store << ", store " << at << " of its successor";
      deaths += 1 + next.size();
    }
    printf("%s: %llu instructions, %zu stores, %zu deaths\n", name, static_cast<unsigned long long>(instructions_),
           states.size() - 1, deaths);
    EXPECT_GT(states.size(), 10u);
  }

  CrashFiles files_;
  CrashFiles copies_;
  Daemon daemon_{&files_};
  std::unique_ptr<EchoLife> chip_;
  std::vector<std::string> asked_;  // and not answered to the host yet, in the order in which echo will answer
  uint32_t lanes_ = 0;
  int questions_ = 0;
  uint64_t instructions_ = 0;
};

TEST_F(ChipCrashTest, ABatchIsAnsweredOnce) {
  OpenJobs(1);
  for (int i = 0; i < 3; ++i) Ask(0);
  CrashEverywhere("batch");
}

// The rest of the batch is answered by the successor, whose own batch then follows.
TEST_F(ChipCrashTest, AHalfOfABatchIsAnsweredOnceWhenThereIsNoRoomForMore) {
  OpenJobs(1);
  for (int i = 0; i < 2; ++i) Ask(0);
  ASSERT_TRUE(chip_->Turn());  // two answers that nobody takes yet
  for (int i = 0; i < 4; ++i) Ask(0);
  CrashEverywhere("half a batch");
}

// Its lanes' notes tell whose answers the tail of the common lane stands for.
TEST_F(ChipCrashTest, TwoLanesThatShareAReplyLaneAreAnsweredOnce) {
  OpenJobs(2);
  for (int i = 0; i < 2; ++i) Ask(0);
  for (int i = 0; i < 2; ++i) Ask(1);
  CrashEverywhere("two lanes");
}

}  // namespace
}  // namespace l3link
