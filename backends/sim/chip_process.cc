#include "backends/sim/chip_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "backends/sim/chip_lock.h"

extern char** environ;

namespace l3link {
namespace {

constexpr absl::Duration kFirstPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Seconds(30);
constexpr absl::Duration kLook = absl::Milliseconds(5);

std::string EndOf(int wait_status) {
  if (WIFSIGNALED(wait_status)) return absl::StrCat("ended by signal ", WTERMSIG(wait_status));
  return absl::StrCat("exited with status ", WEXITSTATUS(wait_status));
}

// As /proc shows it: each argument closed by a zero byte.
std::string CommandLineOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/cmdline"), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Signals as a fresh process has them, a session of its own, nothing open but 0, 1 and 2.
class SpawnSettings {
 public:
  explicit SpawnSettings(int log_fd) {
    posix_spawnattr_init(&attributes_);
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, log_fd, 1);
    posix_spawn_file_actions_adddup2(&actions_, log_fd, 2);
    posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  const posix_spawnattr_t* attributes() const { return &attributes_; }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }

 private:
  posix_spawnattr_t attributes_;
  posix_spawn_file_actions_t actions_;
};

}  // namespace

absl::Status ChipProcess::Start() {
  wanted_ = true;
  return Adopt() ? absl::OkStatus() : Spawn();
}

bool ChipProcess::Adopt() {
  const ChipLockState lock = LookAtChipLock(command_.lock_path);
  if (!lock.held || lock.holder <= 0) return false;
  adopted_ = true;
  pid_ = lock.holder;
  started_ = MonoNow();
  const std::string ours =
      absl::StrCat(absl::StrJoin(command_.arguments, absl::string_view("\0", 1)), absl::string_view("\0", 1));
  if (CommandLineOf(lock.holder) == ours) return true;
  Stop();
  wanted_ = true;
  return false;
}

absl::Status ChipProcess::Spawn() {
  const int log_fd = open(command_.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (log_fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", command_.log_path));
  const absl::Cleanup close_log = [log_fd] { close(log_fd); };
  std::vector<char*> argv;
  for (const std::string& argument : command_.arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const SpawnSettings settings(log_fd);
  const int error = posix_spawn(&pid_, argv[0], settings.actions(), settings.attributes(), argv.data(), environ);
  if (error != 0) {
    pid_ = 0;
    return absl::ErrnoToStatus(error, absl::StrCat("cannot start ", argv[0]));
  }
  adopted_ = false;
  started_ = MonoNow();
  return absl::OkStatus();
}

bool ChipProcess::HasEnded() {
  if (adopted_) {
    if (LookAtChipLock(command_.lock_path).held) return false;
    last_end_ = "ended";
    return true;
  }
  int status = 0;
  const pid_t ended = waitpid(pid_, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return false;
  last_end_ = ended < 0 ? "ended" : EndOf(status);
  return true;
}

ChipPresence ChipProcess::Alive() const {
  ChipPresence presence;
  presence.life = ChipPresence::Life::kAlive;
  presence.pid = static_cast<uint64_t>(pid_);
  presence.detail = adopted_ ? "taken over from an earlier node" : "";
  return presence;
}

ChipPresence ChipProcess::Watch(MonoTime now) {
  if (pid_ != 0 && !HasEnded()) return Alive();
  if (pid_ != 0) {
    pid_ = 0;
    if (Between(started_, now) > kLongestPause) pause_ = kFirstPause;
    restart_at_ = After(now, pause_);
    pause_ = std::min(pause_ * 2, kLongestPause);
  }
  ChipPresence presence;
  presence.life = ChipPresence::Life::kGone;
  presence.detail = absl::StrCat(last_end_, ", see ", command_.log_path);
  if (!wanted_) return presence;
  if (now < restart_at_) {
    absl::StrAppend(&presence.detail, "; starts again in ",
                    absl::FormatDuration(absl::Ceil(Between(now, restart_at_), absl::Seconds(1))));
    return presence;
  }
  absl::Status status = Spawn();
  if (status.ok()) return Alive();
  restart_at_ = After(now, pause_);
  absl::StrAppend(&presence.detail, "; ", status.message());
  return presence;
}

void ChipProcess::Stop() {
  wanted_ = false;
  if (pid_ == 0) return;
  kill(pid_, SIGTERM);
  const MonoTime deadline = After(MonoNow(), command_.stop_patience);
  bool killed = false;
  while (!HasEnded()) {
    if (!killed && MonoNow() >= deadline) {
      kill(pid_, SIGKILL);
      killed = true;
    }
    absl::SleepFor(kLook);
  }
  pid_ = 0;
}

}  // namespace l3link
