#include "backends/sim/chip_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/numbers.h"

namespace l3link {

ChipLockState LookAtChipLock(const std::string& path) {
  ChipLockState state;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return state;
  state.exists = true;
  if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
    flock(fd, LOCK_UN);
  } else if (errno == EWOULDBLOCK) {
    state.held = true;
    char text[24] = {};
    int pid = 0;
    if (pread(fd, text, sizeof(text) - 1, 0) > 0 && absl::SimpleAtoi(text, &pid)) state.holder = pid;
  }
  close(fd);
  return state;
}

}  // namespace l3link
