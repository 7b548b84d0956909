// The memory that outlives the daemon: an arena and its journal, with what of the host stands on it, and deaths in the middle
// of its stores.
//
// One mapping serves seed after seed: only what was used is zeroed. Owned by whoever runs seeds; one thread.
#ifndef L3LINK_TESTS_SIMULATION_SIM_ARENA_H_
#define L3LINK_TESTS_SIMULATION_SIM_ARENA_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "backends/host/journal/chip_journal.h"
#include "backends/host/journal/lane_journal.h"
#include "backends/host/object_table.h"
#include "backends/platform.h"
#include "tests/simulation/world.h"

namespace l3link::simulation {

// Zeroed memory of which it knows how much was touched.
class Zeroed {
 public:
  explicit Zeroed(uint64_t bytes) : words_(bytes / sizeof(uint64_t)) {}

  absl::Span<std::byte> span() { return {reinterpret_cast<std::byte*>(words_.data()), words_.size() * 8}; }
  void Use(uint64_t offset, uint64_t bytes);
  void Drop(uint64_t offset, uint64_t bytes);
  void DropAll() { Drop(0, used_); }

 private:
  std::vector<uint64_t> words_;
  uint64_t used_ = 0;
};

class SimArena : Platform {
 public:
  SimArena();

  // An empty arena with one channel, "c", of the world's shape.
  void Begin(World* world);
  // The daemon's objects are gone, its memory stays.
  void Kill();
  // Another daemon takes over.
  absl::Status Recover();

  ObjectTable& table() { return *table_; }
  HostBell& bell() { return *bell_; }
  HostChannel& channel() { return *table_->channels().begin()->second; }
  absl::Span<std::byte> memory() { return memory_.span(); }
  // Of the lanes, also while there is no daemon.
  const LaneGeometry& geometry() const { return geometry_; }
  l3_producer_line& ProducerLine(Direction direction, uint32_t lane);
  l3_consumer_line& ConsumerLine(Direction direction, uint32_t lane);
  l3_descriptor& Descriptor(Direction direction, uint32_t lane, uint64_t sequence);
  char* Payload(Direction direction, uint32_t lane, uint64_t position);

  // How often the lane's hot record was stored.
  uint64_t HotCount(Direction direction, uint32_t lane);
  // The newest hot record, and the one before.
  void LoadHot(Direction direction, uint32_t lane, LaneHot* newest, LaneHot* before);
  // As if the daemon had died in the middle of storing the newest.
  void TearHot(Direction direction, uint32_t lane);
  // Stores one as if it had been the newest before.
  void RewriteHot(Direction direction, uint32_t lane, const LaneHot& hot);

 private:
  const PlatformTraits& traits() const override { return traits_; }
  absl::StatusOr<absl::Span<std::byte>> MapArena(uint64_t) override { return memory_.span(); }
  absl::Status StartChip() override { return absl::OkStatus(); }
  void StopChip() override {}
  ChipPresence Presence() override { return {}; }
  void WakeChip(uint32_t*) override {}
  void AwaitBell(uint32_t*, uint32_t, absl::Duration) override {}

  // Backs the journal.
  class Space final : public JournalSpace {
   public:
    explicit Space(Zeroed* memory) : memory_(*memory) {}
    absl::Status Commit(uint64_t offset, uint64_t bytes) override;
    void Decommit(uint64_t offset, uint64_t bytes) override { memory_.Drop(offset, bytes); }

   private:
    Zeroed& memory_;
  };
  absl::Status Commit(uint64_t offset, uint64_t bytes) override;
  void Decommit(uint64_t offset, uint64_t bytes) override { memory_.Drop(offset, bytes); }

  void MakeTable();
  std::byte* LaneBase(Direction direction, uint32_t lane);
  LaneBlock* BlockOf(Direction direction, uint32_t lane);

  PlatformTraits traits_;
  uint64_t chip_wakes_ = 0;
  LaneGeometry geometry_;
  std::vector<uint64_t> offsets_[2];  // of lanes by direction, while there is no daemon
  ObjectLimits limits_;
  Zeroed memory_;
  Zeroed journal_memory_;
  Space journal_space_;
  std::unique_ptr<ChipJournal> journal_;
  std::unique_ptr<HostBell> bell_;
  std::unique_ptr<ObjectTable> table_;
};

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_SIM_ARENA_H_
