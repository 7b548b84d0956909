#include "backends/runtime/device_context.h"

#include <pthread.h>
#include <signal.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "backends/find_program.h"
#include "backends/sim/chip_binary.h"
#include "backends/worker/platform_factory.h"

namespace l3link {
namespace {

constexpr absl::Duration kChipPatience = absl::Seconds(10);
constexpr absl::Duration kLook = absl::Milliseconds(100);
constexpr int kMostEnds = 2;  // one may be the end of a chip that an earlier process left

// Threads that begin meanwhile take none of the program's signals, but for those that are about themselves.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    for (int own : {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&all, own);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

// What the chip's process said last; its log may go with the context.
std::string LastWords(const std::string& state_dir, uint32_t device_id) {
  std::ifstream log(absl::StrCat(state_dir, "/chips/", device_id, "/chip.log"));
  std::string line, words;
  while (std::getline(log, line)) words = line.empty() ? words : line;
  return words;
}

// What a simulated chip needs beside its options: a folder, which is kept in `folder`, and its program.
absl::Status CompleteSimOptions(SimOptions* sim, std::unique_ptr<StateFolder>* folder) {
  absl::StatusOr<std::unique_ptr<StateFolder>> opened = StateFolder::Open(sim->state_dir);
  if (!opened.ok()) return opened.status();
  *folder = *std::move(opened);
  sim->state_dir = (*folder)->path();
  if (sim->external) return absl::OkStatus();
  absl::StatusOr<std::string> binary = FindChipBinary(sim->chip_binary, FileThatHolds(&kChipPatience));
  if (!binary.ok()) return binary.status();
  sim->chip_binary = *std::move(binary);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<DeviceContext>> DeviceContext::Create(absl::string_view name, uint32_t device_id,
                                                                     ContextOptions options) {
  std::unique_ptr<DeviceContext> context(new DeviceContext());
  const bool simulated = IsSimulated(name);
  if (simulated) {
    absl::Status status = CompleteSimOptions(&options.sim, &context->folder_);
    if (!status.ok()) return status;
  }
  absl::StatusOr<std::unique_ptr<Platform>> platform =
      MakePlatform(name, device_id, device_id, options.sim, options.ascend);
  if (!platform.ok()) return platform.status();
  ChipWorkerOptions chip_options;
  chip_options.worker_id = device_id;
  chip_options.arena_bytes = options.arena_bytes;
  absl::StatusOr<std::unique_ptr<ChipWorker>> chip = [&] {
    const SignalsBlocked blocked;
    return ChipWorker::Start(*std::move(platform), chip_options);
  }();
  if (!chip.ok()) return chip.status();
  context->chip_ = *std::move(chip);
  context->calls_ = std::make_unique<ChipCalls>(context->chip_.get());
  if (options.sim.external || !simulated) return context;  // its program comes when somebody starts it
  absl::Status status = context->AwaitChip();
  if (!status.ok()) return status;
  return context;
}

absl::Status DeviceContext::AwaitChip() {
  const MonoTime deadline = After(MonoNow(), kChipPatience);
  bool lived = true;
  for (int ends = 0;;) {
    const bool running = calls_->AwaitChipState(ChipState::kRunning, kLook);
    ChipLock lock(*chip_);
    const ChipStatus status = chip_->Status();
    if (running || MonoNow() >= deadline) return absl::OkStatus();
    const bool lives = status.presence.life != ChipPresence::Life::kGone;
    if (lived && !lives && ++ends == kMostEnds) {
      return absl::UnavailableError(absl::StrCat("the chip program does not run: ", status.presence.detail, ": ",
                                                 LastWords(folder_->path(), chip_->worker_id())));
    }
    lived = lives;
  }
}

}  // namespace l3link
