// The simulated chips a2a3sim and a5sim: the arena is a file, the chip a process of its own that maps it.
//
// One object a chip, owned by its ChipWorker, called under its lock but for AwaitBell. Files, in state_dir/chips/N:
//   arena       shared memory, sparse; made at MapArena, removed with this object unless it is kept
//   arena.lock  held by the chip process for its life
//   chip.log    what the chip process says, when this node started it
#ifndef L3LINK_BACKENDS_SIM_SIM_PLATFORM_H_
#define L3LINK_BACKENDS_SIM_SIM_PLATFORM_H_

#include <memory>
#include <string>

#include "backends/platform.h"
#include "backends/sim/arena_file.h"
#include "backends/sim/chip_process.h"
#include "backends/sim/sim_options.h"

namespace l3link {

// What the simulation `platform` ("a2a3sim" or "a5sim") reports of itself; INVALID_ARGUMENT for another name.
absl::StatusOr<PlatformTraits> SimTraits(absl::string_view platform, uint32_t chip_index);

class SimPlatform : public Platform {
 public:
  SimPlatform(PlatformTraits traits, uint32_t worker_id, const SimOptions& options);

  const PlatformTraits& traits() const override { return traits_; }
  absl::StatusOr<absl::Span<std::byte>> MapArena(uint64_t arena_bytes) override;
  absl::StatusOr<absl::Span<std::byte>> AdoptArena() override;
  void KeepArena(bool keep) override { file_->Keep(keep); }
  absl::Status Commit(uint64_t offset, uint64_t bytes) override { return file_->Commit(offset, bytes); }
  void Decommit(uint64_t offset, uint64_t bytes) override { file_->Decommit(offset, bytes); }
  absl::Status StartChip() override;
  void StopChip() override;
  ChipPresence Presence() override;
  void WakeChip(uint32_t* word) override;
  void AwaitBell(uint32_t* word, uint32_t expected, absl::Duration at_most) override;
  std::string ArenaFault() override { return file_ ? file_->Fault() : ""; }
  const std::atomic<bool>* ArenaFaultFlag() const override { return file_ ? file_->fault_flag() : nullptr; }

  const std::string& folder() const { return folder_; }
  std::string arena_path() const { return folder_ + "/arena"; }

 private:
  std::string ProgramList() const;

  const PlatformTraits traits_;
  const SimOptions options_;
  const std::string folder_;
  std::unique_ptr<ArenaFile> file_;
  std::unique_ptr<ChipProcess> process_;  // null: external
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_SIM_PLATFORM_H_
