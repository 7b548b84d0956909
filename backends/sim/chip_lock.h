// Whether a simulated chip lives, by the lock beside its arena that it holds for its life.
#ifndef L3LINK_BACKENDS_SIM_CHIP_LOCK_H_
#define L3LINK_BACKENDS_SIM_CHIP_LOCK_H_

#include <sys/types.h>

#include <string>

namespace l3link {

struct ChipLockState {
  bool exists = false;  // a chip has been there, at some time
  bool held = false;
  pid_t holder = 0;  // as it wrote itself; in its own process namespace
};

// Looks without waiting. A chip that tries to take the lock at this very moment may have to try again.
ChipLockState LookAtChipLock(const std::string& path);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_LOCK_H_
