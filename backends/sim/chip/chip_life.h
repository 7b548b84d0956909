// Why a simulated chip goes on living, and the platform operations it gives to its program.
//
// One for each attach, on the chip's one thread; the signal handler alone sets the stop word from elsewhere. Check is called
// often and looks four times a second: at the host's heartbeat, and at whether the arena is still the one that is mapped.
#ifndef L3LINK_BACKENDS_SIM_CHIP_CHIP_LIFE_H_
#define L3LINK_BACKENDS_SIM_CHIP_CHIP_LIFE_H_

#include <signal.h>

#include <cstdint>

#include "absl/time/time.h"
#include "backends/abi/chip.h"
#include "backends/sim/chip/arena_map.h"

namespace l3link {

// CLOCK_MONOTONIC.
uint64_t MonotonicUs();

class ChipLife {
 public:
  enum class End {
    kNone,
    kSignal,    // SIGTERM or SIGINT
    kOrphan,    // the host's heartbeat has not changed for the ttl
    kReplaced,  // the arena was made anew: attach to the new one
  };

  // A zero ttl: an orphan lives for ever. `arena` outlives this.
  ChipLife(const ArenaMap* arena, absl::Duration orphan_ttl);
  ChipLife(const ChipLife&) = delete;
  ChipLife& operator=(const ChipLife&) = delete;

  // For l3_attach; refers to this object.
  l3_platform Platform();

  // Sets the stop word when there is a reason to end.
  void Check(uint64_t now_us);

  bool stopped() const { return __atomic_load_n(&stop_, __ATOMIC_RELAXED) != 0; }
  End end() const;

  // SIGTERM and SIGINT stop the life that is running, and every later one; SIGUSR2 asks for the death at the worst moment.
  // Once, before the first.
  static void CatchSignals();
  static bool Signalled();
  // For Faults: set by SIGUSR2.
  static const volatile sig_atomic_t* KillAsked();
  // Sleeps, or until a signal.
  static void Pause(absl::Duration time);

 private:
  void Stop(End end);

  const ArenaMap* const arena_;
  const l3_arena_header* const header_;
  const uint64_t orphan_ttl_us_;
  uint64_t host_heartbeat_ = 0;
  uint64_t host_heard_us_;
  uint64_t checked_us_ = 0;
  uint32_t relaxes_ = 0;
  End end_ = End::kNone;
  int stop_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_CHIP_LIFE_H_
