// The seam to a kind of chip: how its arena is mapped, what it can do, how its doorbell is rung and awaited.
//
// One object a chip. Small on purpose: a new kind of chip is one folder with one of these. Called by ChipWorker; only
// AwaitBell may block, and it runs on the chip worker's own thread.
#ifndef L3LINK_BACKENDS_PLATFORM_H_
#define L3LINK_BACKENDS_PLATFORM_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace l3link {

struct PlatformTraits {
  std::string platform;     // "a2a3sim"
  uint32_t chip_index = 0;  // on its platform
  uint32_t core_count = 0;
  bool supported = true;         // false: opens are refused, `detail` says why
  bool shared_rmw = true;        // atomics that both sides' read-modify-writes respect
  uint64_t max_arena_bytes = 0;  // 0: no limit of its own
  uint64_t device_base = 0;      // address of the arena as the chip sees it
  std::string detail;            // for people
};

// What is known of the chip's process or device without reading its words.
struct ChipPresence {
  enum class Life { kUnknown, kAlive, kGone };
  Life life = Life::kUnknown;  // unknown: the heartbeat decides
  uint64_t pid = 0;            // of a supervised simulated chip
  std::string program;         // of a supervised simulated chip: "echo,vector_add"
  std::string detail;          // "exited with status 86; starts again in 1s"
};

class Platform {
 public:
  virtual ~Platform() = default;

  virtual const PlatformTraits& traits() const = 0;

  // Maps `arena_bytes` of zeroed memory shared with the chip; once. Its pages are not there before Commit.
  virtual absl::StatusOr<absl::Span<std::byte>> MapArena(uint64_t arena_bytes) = 0;

  // Instead of MapArena: maps what an earlier process of this host left, whatever it is. NOT_FOUND: nothing.
  virtual absl::StatusOr<absl::Span<std::byte>> AdoptArena() { return absl::NotFoundError("no arena is kept here"); }
  // Whether the arena outlives this process, where the platform can do that; false to begin with.
  virtual void KeepArena(bool) {}

  // Backs [offset, offset + bytes), whole pages, with zeroed memory. STATE_SPACE_FULL when there is none left.
  virtual absl::Status Commit(uint64_t offset, uint64_t bytes) = 0;
  // Gives the memory back; reads as zero afterwards.
  virtual void Decommit(uint64_t offset, uint64_t bytes) = 0;

  // The arena is initialised: start the chip program, where this platform supervises one.
  virtual absl::Status StartChip() = 0;
  virtual void StopChip() = 0;
  virtual ChipPresence Presence() = 0;

  // Wakes whoever sleeps on the word. Must not block.
  virtual void WakeChip(uint32_t* word) = 0;
  // Sleeps until *word != expected, for at most `at_most`, or less for no reason.
  virtual void AwaitBell(uint32_t* word, uint32_t expected, absl::Duration at_most) = 0;

  // Whether touching the arena has gone wrong since it was mapped (truncated or removed file); empty: no.
  virtual std::string ArenaFault() { return ""; }
  // Set as soon as a touch has gone wrong, on whatever thread; null where that cannot be told. After MapArena.
  virtual const std::atomic<bool>* ArenaFaultFlag() const { return nullptr; }
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_PLATFORM_H_
