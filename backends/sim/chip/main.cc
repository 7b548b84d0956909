// l3link-sim-chip: a simulated chip as a process of its own. Wires flags, arena, lock and programs; see --help.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "backends/sim/chip/arena_map.h"
#include "backends/sim/chip/chip_life.h"
#include "backends/sim/chip/chip_loop.h"
#include "backends/sim/chip/chip_options.h"
#include "backends/sim/chip/faults.h"
#include "backends/sim/chip/program_registry.h"
#include "backends/sim/chip/user_program.h"

namespace l3link {
namespace {

void Say(absl::string_view what) { absl::FPrintF(stderr, "l3link-sim-chip: %s\n", what); }

// What the process runs: a user's program, or the built-in ones.
struct Programs {
  absl::StatusOr<UserProgram> user = absl::NotFoundError("");
  absl::StatusOr<ProgramRegistry> built_in = absl::NotFoundError("");
  bool is_user = false;

  static Programs From(const ChipOptions& options) {
    Programs programs;
    programs.is_user = UserProgram::IsPath(options.program);
    if (programs.is_user) {
      programs.user = UserProgram::Load(options.program, options.arguments);
    } else {
      programs.built_in = ProgramRegistry::Parse(options.program, options.source);
    }
    return programs;
  }
  absl::Status status() const { return is_user ? user.status() : built_in.status(); }
};

// Maps the arena and attaches as soon as both are possible.
class Attachment {
 public:
  // OK, UNAVAILABLE (stopped by a signal), or why it did not become possible within `wait`.
  absl::Status Wait(const ChipOptions& options, absl::Duration wait) {
    const uint64_t deadline_us = MonotonicUs() + static_cast<uint64_t>(absl::ToInt64Microseconds(wait));
    for (;;) {
      const absl::Status status = Try(options);
      if (status.ok() || !absl::IsNotFound(status) || MonotonicUs() >= deadline_us) return status;
      ChipLife::Pause(absl::Milliseconds(20));
      if (ChipLife::Signalled()) return absl::UnavailableError("asked to stop");
    }
  }

  l3_chip* chip() { return &chip_; }
  ChipLife* life() { return life_.get(); }

 private:
  absl::Status Try(const ChipOptions& options) {
    absl::StatusOr<std::unique_ptr<ArenaMap>> map = ArenaMap::Open(options.arena);
    if (!map.ok()) return map.status();
    map_ = *std::move(map);
    life_ = std::make_unique<ChipLife>(map_.get(), options.orphan_ttl);
    const l3_platform platform = life_->Platform();
    const int code = l3_attach(&chip_, map_->memory().data(), map_->memory().size(), &platform);
    if (code == L3_OK) return absl::OkStatus();
    const std::string what = absl::StrFormat("cannot attach to %s: %s", options.arena, l3_code_text(code));
    if (code == L3_EVERSION) {
      const auto* header = reinterpret_cast<const l3_arena_header*>(map_->memory().data());
      return absl::FailedPreconditionError(
          absl::StrFormat("%s: it has %d, this chip %d", what, header->identity.abi_version, L3_ABI_VERSION));
    }
    return code == L3_AGAIN ? absl::NotFoundError(what) : absl::FailedPreconditionError(what);
  }

  std::unique_ptr<ArenaMap> map_;
  std::unique_ptr<ChipLife> life_;
  l3_chip chip_ = {};
};

int Run(const ChipOptions& options, Programs* programs) {
  Faults faults(options.faults, ChipLife::KillAsked());
  for (;;) {
    Attachment attachment;
    const absl::Status attached = attachment.Wait(options, options.wait_arena);
    if (ChipLife::Signalled()) return kExitClean;
    if (!attached.ok()) {
      Say(attached.message());
      return kExitArena;
    }
    int status = kExitClean;
    if (programs->is_user) {
      status = programs->user->Run(attachment.chip());
    } else {
      ChipLoop(attachment.chip(), attachment.life(), &*programs->built_in, &faults, options.spin_us).Run();
    }
    const ChipLife::End end = attachment.life()->end();
    if (end == ChipLife::End::kReplaced) {
      Say("the arena was made anew; attaching to the new one");
      continue;
    }
    l3_detach(attachment.chip());
    if (end == ChipLife::End::kOrphan) Say("no host heartbeat for --orphan-ttl; ending");
    return end == ChipLife::End::kOrphan && status == 0 ? kExitOrphan : status;
  }
}

int Main(int argc, char** argv) {
  int status = kExitClean;
  const absl::optional<ChipOptions> options = ParseChipOptions(argc, argv, &status);
  if (!options.has_value()) return status;
  Programs programs = Programs::From(*options);
  if (!programs.status().ok()) {
    Say(programs.status().message());
    return kExitUsage;
  }
  ChipLife::CatchSignals();
  const absl::StatusOr<ArenaLock> lock = ArenaLock::Acquire(options->lock);
  if (!lock.ok()) {
    Say(lock.status().message());
    return absl::IsAlreadyExists(lock.status()) ? kExitHeld : kExitArena;
  }
  return Run(*options, &programs);
}

}  // namespace
}  // namespace l3link

int main(int argc, char** argv) { return l3link::Main(argc, argv); }
