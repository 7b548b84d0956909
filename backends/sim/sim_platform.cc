#include "backends/sim/sim_platform.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backends/arena_limits.h"
#include "backends/sim/chip_binary.h"
#include "backends/sim/chip_lock.h"
#include "backends/sim/shared_futex.h"
#include "backends/state/private_folder.h"

namespace l3link {

// The figures are the simulation's own: chosen to differ, so that what depends on them is tried both ways. a5sim has no
// atomics between host and chip, as a chip behind a bus may not have.
absl::StatusOr<PlatformTraits> SimTraits(absl::string_view platform, uint32_t chip_index) {
  PlatformTraits traits;
  traits.platform = std::string(platform);
  traits.chip_index = chip_index;
  traits.detail = "simulated: a process of its own on this host";
  if (platform == "a2a3sim") {
    traits.core_count = 24 + 48;
    traits.device_base = uint64_t{0x1} << 44;
    traits.max_arena_bytes = MaxArenaBytesOf(platform);
    traits.shared_rmw = true;
  } else if (platform == "a5sim") {
    traits.core_count = 32 + 64;
    traits.device_base = uint64_t{0x2} << 44;
    traits.max_arena_bytes = MaxArenaBytesOf(platform);
    traits.shared_rmw = false;
  } else {
    return absl::InvalidArgumentError(absl::StrCat("no simulation \"", platform, "\": a2a3sim or a5sim"));
  }
  return traits;
}

SimPlatform::SimPlatform(PlatformTraits traits, uint32_t worker_id, const SimOptions& options)
    : traits_(std::move(traits)), options_(options), folder_(absl::StrCat(options.state_dir, "/chips/", worker_id)) {}

absl::StatusOr<absl::Span<std::byte>> SimPlatform::MapArena(uint64_t arena_bytes) {
  absl::Status status = MakePrivateFolder(folder_);
  if (!status.ok()) return status;
  absl::StatusOr<std::unique_ptr<ArenaFile>> file = ArenaFile::Create(arena_path(), arena_bytes);
  if (!file.ok()) return file.status();
  file_ = *std::move(file);
  return file_->memory();
}

std::string SimPlatform::ProgramList() const {
  return options_.programs.empty() ? "echo,vector_add" : absl::StrJoin(options_.programs, ",");
}

absl::Status SimPlatform::StartChip() {
  if (options_.external) return absl::OkStatus();
  absl::StatusOr<std::string> binary = FindChipBinary(options_.chip_binary);
  if (!binary.ok()) return binary.status();
  ChipCommand command;
  command.arguments = {*binary, absl::StrCat("--arena=", arena_path()), absl::StrCat("--program=", ProgramList())};
  command.arguments.insert(command.arguments.end(), options_.chip_arguments.begin(), options_.chip_arguments.end());
  command.log_path = folder_ + "/chip.log";
  command.lock_path = arena_path() + ".lock";
  command.stop_patience = options_.stop_patience;
  process_ = std::make_unique<ChipProcess>(std::move(command));
  return process_->Start();
}

absl::StatusOr<absl::Span<std::byte>> SimPlatform::AdoptArena() {
  absl::Status status = MakePrivateFolder(folder_);
  if (!status.ok()) return status;
  absl::StatusOr<std::unique_ptr<ArenaFile>> file = ArenaFile::Open(arena_path());
  if (!file.ok()) return file.status();
  file_ = *std::move(file);
  return file_->memory();
}

void SimPlatform::StopChip() {
  if (process_) process_->Stop();
}

ChipPresence SimPlatform::Presence() {
  if (process_) {
    ChipPresence presence = process_->Watch(MonoNow());
    presence.program = ProgramList();
    return presence;
  }
  ChipPresence presence;
  const ChipLockState lock = LookAtChipLock(arena_path() + ".lock");
  if (lock.exists) presence.life = lock.held ? ChipPresence::Life::kAlive : ChipPresence::Life::kGone;
  if (!lock.held) presence.detail = absl::StrCat("no external chip holds ", arena_path(), ".lock");
  return presence;
}

void SimPlatform::WakeChip(uint32_t* word) { WakeShared(word); }

void SimPlatform::AwaitBell(uint32_t* word, uint32_t expected, absl::Duration at_most) {
  AwaitShared(word, expected, at_most);
}

}  // namespace l3link
