// The host's side of a region: bounded copies in and out, and its signals.
//
// Called by whoever holds the chip worker's lock, except Read and Write, which only need the region to be kept alive (bulk
// copies must not hold up lanes). Sizes are private copies; the values of host-written signals are the journal's.
#ifndef L3LINK_BACKENDS_HOST_HOST_REGION_H_
#define L3LINK_BACKENDS_HOST_HOST_REGION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "backends/abi/region_layout.h"
#include "backends/host/extent_allocator.h"
#include "backends/host/host_bell.h"
#include "backends/host/journal/region_journal.h"
#include "backends/host/poison.h"
#include "backends/host/signal.h"

namespace l3link {

// With every default filled in: one writer a signal.
struct RegionConfig {
  uint64_t data_bytes = 0;
  std::vector<SignalWriter> signal_writers;

  bool operator==(const RegionConfig&) const = default;
  uint32_t signal_count() const { return static_cast<uint32_t>(signal_writers.size()); }
};

class HostRegion;

// Told, under the lock, when a region's signals may have changed or the region is closed. Must not block, and must not
// open or close anything.
class RegionListener {
 public:
  virtual ~RegionListener() = default;
  virtual void OnRegionActivity(HostRegion& region) = 0;
  virtual void OnRegionGone(HostRegion& region) = 0;
};

// Told around the one store of a notify, under the lock: what it writes down lets a restarted daemon tell whether that notify
// was done.
class NotifyWitness {
 public:
  // What the signal is about to become. `certain`: only the host writes it, so storing that value again does no harm.
  struct Store {
    uint64_t generation;  // of the region
    uint32_t signal;
    uint64_t value;
    bool certain;
  };

  virtual ~NotifyWitness() = default;
  virtual void BeforeStore(const Store& store) = 0;
  virtual void AfterStore(uint64_t value) = 0;
};

class HostRegion {
 public:
  // Where it lies, and where the journal keeps its block.
  struct Place {
    std::byte* arena;
    uint64_t offset;
    std::byte* journal;  // of `block`
    Extent block;
  };

  // A region at `place`. `bell` outlives it.
  HostRegion(const Place& place, uint64_t generation, const std::string& name, const RegionConfig& config,
             bool shared_rmw, HostBell* bell);

  // Once, first: in zeroed memory, writes its shape; or as an earlier daemon left it, where what does not agree with the
  // journal is poison (RECOVERY, or what the region was poisoned by before).
  void Begin();
  void Recover();

  // RANGE_OUT_OF_REGION unless offset + length <= data_bytes, without overflow. Zero bytes at the very end are legal.
  absl::Status CheckRange(uint64_t offset, uint64_t length) const;
  // SIGNAL_NOT_FOUND, SIGNAL_NOT_HOST_WRITTEN or SHARED_RMW_UNSUPPORTED; changes nothing.
  absl::Status CheckNotify(const Notification& notification) const;
  // SIGNAL_NOT_FOUND.
  absl::Status CheckCondition(const Condition& condition) const;

  // Copies; the range has been checked. Needs no lock.
  void Read(uint64_t offset, absl::Span<std::byte> out) const;
  void Write(uint64_t offset, absl::Span<const std::byte> data);

  // After Read, Write or Load, before anything of it is reported: REGION_POISONED when the region is poisoned or the arena's
  // memory is gone. Under the lock.
  absl::Status CheckIntact();

  // Changes one signal after all earlier writes, and rings the chip. Answers its value afterwards. As CheckNotify; a refused
  // one has no witness.
  absl::StatusOr<uint64_t> Notify(const Notification& notification, NotifyWitness* witness = nullptr);
  // After a restart: a notify that the earlier daemon was in the middle of. The host alone writes the signal.
  void StoreAgain(uint32_t signal, uint64_t value);

  // A signal's value now (acquire). signal < signal_count().
  uint64_t Load(uint32_t signal) const;

  // Whether the chip rang since the last look; asks it to ring again at its next notify.
  bool Look();

  absl::Span<const std::byte> data() const { return {data_, config_.data_bytes}; }
  uint64_t offset() const { return offset_; }  // in the arena
  uint64_t data_offset() const { return offset_ + l3_region_data_at(signal_count()); }
  uint64_t bytes() const;                         // of the arena
  const Extent& block() const { return block_; }  // in the journal
  bool closed() const { return closed_; }         // under the lock
  const RegionConfig& config() const { return config_; }
  uint64_t generation() const { return generation_; }
  const std::string& name() const { return name_; }
  uint32_t signal_count() const { return config_.signal_count(); }

  const absl::optional<Poison>& poison() const { return poison_; }
  void SetPoison(PoisonReason reason, std::string evidence);

  // The audit: false, and poison, when shape, writers, host-written signals or the host's line are not as written.
  bool CheckOwnWords();

 private:
  friend class ObjectTable;

  void WriteShape();
  std::string RestoreSignals();
  uint64_t Combine(const Notification& notification, uint64_t old) const;
  uint64_t NotifyShared(const Notification& notification);

  const uint64_t offset_;
  l3_region_head* const head_;
  uint8_t* const writers_;
  l3_signal* const signals_;
  std::byte* const data_;
  const uint64_t generation_;
  const std::string name_;
  const RegionConfig config_;
  const bool shared_rmw_;
  const Extent block_;
  HostBell* const bell_;
  RegionJournal journal_;  // has the values of host-written signals
  uint32_t rung_ = 0;
  uint32_t seen_ = 0;
  RegionListener* listener_ = nullptr;
  uint32_t directory_index_ = 0;
  bool closed_ = false;
  absl::optional<Poison> poison_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_HOST_REGION_H_
