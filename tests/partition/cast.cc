#include "tests/partition/cast.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/history/lane_checker.h"
#include "tests/partition/lane_client.h"

namespace l3link::partition {
namespace {

using history::EventKind;

constexpr uint32_t kLanes = 3;
constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

// Their places in the ledger.
enum Log : size_t { kIdle, kSending, kReceiving, kDrainer, kFeeder };

void FinalPositions(const v1::Channel& channel, uint32_t lane, history::LaneChecker& checker) {
  for (const v1::LaneState& state : channel.lanes()) {
    const bool down = state.direction() == v1::DIRECTION_HOST_TO_CHIP;
    if (state.lane() != lane) continue;
    history::Event event;
    event.kind = down ? EventKind::kFinalPublished : EventKind::kFinalReturned;
    event.position = state.published();
    checker.Observe(event);
    event.kind = down ? EventKind::kFinalConsumed : EventKind::kFinalAcked;
    event.position = state.consumed();
    checker.Observe(event);
  }
}

}  // namespace

Cast::Cast(Bench* bench, const std::string& name, absl::Duration lease_ttl)
    : bench_(*bench), name_(name), lease_ttl_(lease_ttl) {
  v1::ChannelConfig config;
  config.set_host_to_chip_lanes(kLanes);
  config.set_chip_to_host_lanes(kLanes);
  config.set_lane_depth(1024);
  config.set_max_message_bytes(history::kMostPayloadBytes);
  channel_ = *bench_.orchestrator().OpenChannel(0, name_, config);
  v1::RegionConfig region;
  region.set_data_bytes(64);
  region.set_signal_count(3);
  for (int i = 0; i < 3; ++i) region.add_signal_writers(v1::SIGNAL_WRITER_HOST);
  region_ = *bench_.orchestrator().OpenRegion(0, name_, region);
  drainer_ = Start("drainer", {"--lane=1", "--receive"}, false);
  feeder_ = Start("feeder", {"--lane=2", "--send", absl::StrCat("--written-as=receiving-", name_)}, false);
  idle_ = Start("idle", {"--lane=0", "--send", "--receive"}, true);
  sending_ = Start("sending", {"--lane=1", "--send"}, true);
  receiving_ = Start("receiving", {"--lane=2", "--receive"}, true);
  waiting_ = Start("waiting", {absl::StrCat("--region=", name_)}, true);
  ledger_ = std::make_unique<Ledger>(std::vector<chaos::ClientLog*>{&idle_->log(), &sending_->log(), &receiving_->log(),
                                                                    &drainer_->log(), &feeder_->log()});
  sending_->LetSend(kUnlimited);
  feeder_->LetSend(kUnlimited);
}

Cast::~Cast() {
  channel_->Close().IgnoreError();
  region_->Close().IgnoreError();
}

std::unique_ptr<Actor> Cast::Start(const std::string& role, std::vector<std::string> arguments, bool beyond) {
  const std::string target = beyond ? bench_.net().node_target() : bench_.node().unix_target();
  for (std::string argument :
       {absl::StrCat("--target=", target), absl::StrCat("--channel=", name_),
        absl::StrCat("--session=", role, "-", name_), absl::StrCat("--ttl=", absl::ToDoubleSeconds(lease_ttl_))})
    arguments.push_back(std::move(argument));
  const std::string path = bench_.node().dir() / absl::StrCat(name_, "-", role);
  if (!beyond) return std::make_unique<Actor>(path, std::move(arguments));
  const Net::Inside inside(bench_.net(), false);
  return std::make_unique<Actor>(path, std::move(arguments));
}

bool Cast::AwaitReady() {
  return Await([this] {
    const auto region = region_->Refresh();
    return idle_->CountOf("attached") == 1 && sending_->published() > 100 && receiving_->received() > 100 &&
           region.ok() && region->waits() >= 2;
  });
}

Actor& Cast::StartRival() {
  rival_ = Start("rival", {"--lane=1", "--send", "--held-wait=600"}, false);
  rivals_ledger_ = std::make_unique<Ledger>(std::vector<chaos::ClientLog*>{&rival_->log()});
  return *rival_;
}

std::string Cast::Settle() {
  // Those who send end first: then what is in the lanes is all that there will be.
  std::string wrong;
  auto finish = [&wrong](const char* who, Actor& actor) {
    const int status = actor.Finish();
    if (status != 0) absl::StrAppend(&wrong, who, " ended with status ", status, ":\n", actor.said());
  };
  finish("feeder", *feeder_);
  if (rival_ != nullptr) {
    finish("rival", *rival_);
  } else {
    finish("sending", *sending_);
  }
  if (!wrong.empty()) return wrong;
  const Actor& sender = rival_ != nullptr ? *rival_ : *sending_;
  if (!Await([&] {
        return drainer_->received() == sender.published() && receiving_->received() == feeder_->published() &&
               idle_->received() == idle_->published();
      }))
    return "interrupted";
  finish("drainer", *drainer_);
  finish("idle", *idle_);
  finish("receiving", *receiving_);
  finish("waiting", *waiting_);
  ledger_->Stop();
  if (rivals_ledger_ != nullptr) rivals_ledger_->Stop();
  const auto channel = channel_->Refresh();
  if (!channel.ok()) return absl::StrCat(wrong, channel.status().ToString());
  at_rest_ = *channel;
  return wrong;
}

int Cast::SendersGrants() const {
  int grants = rivals_ledger_ != nullptr ? 1 : 0;
  for (const history::Event& event : ledger_->events(kSending)) grants += event.kind == EventKind::kAttached;
  return grants;
}

history::Findings Cast::Judge() {
  const uint64_t generation = channel_->id().generation();
  history::LaneChecker idle(kSeed, 0, generation), sending(kSeed, 1, generation), receiving(kSeed, 2, generation);
  for (const history::Event& event : ledger_->events(kIdle)) idle.Observe(event);
  FinalPositions(at_rest_, 0, idle);

  for (const history::Event& event : ledger_->events(kSending)) sending.Observe(event);
  if (rivals_ledger_ != nullptr)
    for (const history::Event& event : rivals_ledger_->events(0)) sending.Observe(event);
  for (history::Event event :
       ledger_->events(kDrainer)) {  // the echo of what is in the lane, under the other lane's lease
    if (event.kind == EventKind::kAttached) continue;
    event.epoch = kUnlimited;
    sending.Observe(event);
  }
  FinalPositions(at_rest_, 1, sending);

  for (const history::Event& event : ledger_->events(kReceiving)) receiving.Observe(event);
  for (history::Event event : ledger_->events(kFeeder)) {  // of the other lane's lease
    if (event.kind != EventKind::kPublished) continue;
    event.epoch = kUnlimited;
    receiving.Observe(event);
  }
  FinalPositions(at_rest_, 2, receiving);

  history::Findings findings;
  for (history::LaneChecker* checker : {&idle, &sending, &receiving}) findings.Add(checker->Finish());
  return findings;
}

}  // namespace l3link::partition
