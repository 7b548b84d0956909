// hostile_chip: echoes honestly on every lane, until it has answered --after messages of the attacked one; the next message
// there makes it attack, and that lane is not served any more until it is reset.
//
//   hostile_chip --arena FILE --fault NAME [--channel NAME] [--lane N] [--after N]
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "backends/abi/chip_wait.h"
#include "backends/sim/chip/arena_map.h"
#include "backends/sim/chip/chip_life.h"
#include "tests/hostile/attack.h"

namespace l3link {
namespace {

struct Options {
  std::string arena;
  std::string fault;
  std::string channel = "attacked";
  uint32_t lane = 0;
  uint64_t after = 3;
};

// One channel with as many lanes each way; lane i answers lane i.
struct EchoChannel {
  struct Lane {
    l3_receiver in;
    l3_sender out;
    bool open = false;
    uint64_t answered = 0;
  };
  l3_channel channel;
  std::vector<Lane> lanes;
};

class HostileChip {
 public:
  HostileChip(l3_chip* chip, const Options& options)
      : chip_(chip), options_(options), attack_(MakeAttack(options.fault)) {}

  void Run(ChipLife& life) {
    Refresh();
    while (!life.stopped()) {
      uint64_t version;
      l3_beat(chip_);
      if (l3_directory_changed(chip_, &version)) {
        channels_.clear();
        attacking_ = nullptr;
        l3_directory_acknowledge(chip_, version);
        Refresh();
      }
      bool worked = false;
      for (auto& channel : channels_)
        for (uint32_t lane = 0; lane < channel->lanes.size(); ++lane) worked |= WorkLane(*channel, lane);
      if (attacking_ != nullptr && !attack_->GoOn(Target(*attacking_))) attacking_ = nullptr;
      life.Check(MonotonicUs());
      if (!worked && attacking_ == nullptr) ChipLife::Pause(absl::Microseconds(50));
    }
  }

 private:
  void Refresh() {
    uint32_t cursor = 0;
    l3_object object;
    while (l3_next_object(chip_, L3_OBJECT_CHANNEL, &cursor, &object) == L3_OK) {
      auto channel = std::make_unique<EchoChannel>();
      if (l3_channel_open(chip_, &object, &channel->channel) != L3_OK) continue;
      channel->lanes.resize(l3_lane_count(&channel->channel, L3_HOST_TO_CHIP));
      for (uint32_t i = 0; i < channel->lanes.size(); ++i) {
        EchoChannel::Lane& lane = channel->lanes[i];
        lane.open = l3_receiver_open(&channel->channel, i, &lane.in) == L3_OK &&
                    l3_sender_open(&channel->channel, i, &lane.out) == L3_OK;
      }
      channels_.push_back(std::move(channel));
    }
  }

  AttackedLane Target(EchoChannel& channel) {
    EchoChannel::Lane& lane = channel.lanes[options_.lane];
    return {&channel.channel, options_.lane, &lane.in, &lane.out};
  }

  bool IsTarget(const EchoChannel& channel, uint32_t lane) const {
    return !struck_ && lane == options_.lane && options_.channel == channel.channel.object.entry.name &&
           channel.lanes[lane].answered >= options_.after;
  }

  bool WorkLane(EchoChannel& channel, uint32_t index) {
    EchoChannel::Lane& lane = channel.lanes[index];
    l3_message message;
    uint8_t* place;
    if (!lane.open || l3_take(&lane.in, &message) != L3_OK) return false;
    if (IsTarget(channel, index)) {
      absl::FPrintF(stderr, "hostile_chip: %s on lane %d\n", options_.fault, index);
      struck_ = true;
      lane.open = false;
      attacking_ = &channel;
      attack_->Strike(Target(channel));
      return true;
    }
    if (l3_reserve(&lane.out, message.payload_bytes, &place) != L3_OK) {
      l3_untake(&lane.in, 1);
      return false;
    }
    if (message.payload_bytes > 0) memcpy(place, message.payload, message.payload_bytes);
    l3_stage(&lane.out, message.correlation_id, message.route);
    l3_publish(&lane.out);
    l3_release(&lane.in, 1);
    ++lane.answered;
    return true;
  }

  l3_chip* const chip_;
  const Options options_;
  const std::unique_ptr<Attack> attack_;
  std::vector<std::unique_ptr<EchoChannel>> channels_;
  bool struck_ = false;
  EchoChannel* attacking_ = nullptr;  // goes on
};

int Main(int argc, char** argv) {
  CLI::App app("A chip that breaks the contract of shared memory on command.", "hostile_chip");
  Options options;
  app.add_option("--arena", options.arena)->required();
  app.add_option("--fault", options.fault)->required()->check(CLI::IsMember(AttackNames()));
  app.add_option("--channel", options.channel)->capture_default_str();
  app.add_option("--lane", options.lane)->capture_default_str();
  app.add_option("--after", options.after)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  ChipLife::CatchSignals();
  const auto lock = ArenaLock::Acquire(options.arena + ".lock");
  const auto map = ArenaMap::Open(options.arena);
  if (!lock.ok() || !map.ok()) {
    absl::FPrintF(stderr, "hostile_chip: %s %s\n", lock.status().ToString(), map.status().ToString());
    return 3;
  }
  ChipLife life(map->get(), absl::Seconds(60));
  const l3_platform platform = life.Platform();
  l3_chip chip;
  const int code = l3_attach(&chip, (*map)->memory().data(), (*map)->memory().size(), &platform);
  if (code != L3_OK) {
    absl::FPrintF(stderr, "hostile_chip: %s\n", l3_code_text(code));
    return 3;
  }
  HostileChip(&chip, options).Run(life);
  return 0;
}

}  // namespace
}  // namespace l3link

int main(int argc, char** argv) { return l3link::Main(argc, argv); }
