// One region as its users see it: bounded reads and writes, notifies, waits. What a MemorySession works on.
//
// The real one is RegionAccess; tests have others. Every method may refuse with REGION_CLOSED (it was there when the port
// was made) or REGION_POISONED.
#ifndef L3LINK_SERVER_MEMORY_REGION_PORT_H_
#define L3LINK_SERVER_MEMORY_REGION_PORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "backends/host/host_region.h"
#include "backends/host/signal_waits.h"
#include "l3link/v1/memory.pb.h"

namespace l3link {

class RegionPort {
 public:
  virtual ~RegionPort() = default;

  virtual uint32_t worker_id() const = 0;

  // `witness`, here and below, may be null. Writes the data, then does the notify, if any, and answers the signal's value afterwards. All is checked first; a
  // refused write changes nothing. RANGE_OUT_OF_REGION, SIGNAL_NOT_FOUND, SIGNAL_NOT_HOST_WRITTEN, SHARED_RMW_UNSUPPORTED.
  virtual absl::StatusOr<uint64_t> Write(uint64_t offset, absl::string_view data,
                                         const absl::optional<Notification>& notify, NotifyWitness* witness) = 0;

  // Replaces `out` by [offset, offset + length). RANGE_OUT_OF_REGION.
  virtual absl::Status Read(uint64_t offset, uint64_t length, std::string* out) = 0;

  // Changes one signal; answers its value afterwards. As Write.
  virtual absl::StatusOr<uint64_t> Notify(const Notification& notify, NotifyWitness* witness) = 0;

  // Arms a wait; it may fire within the call. The listener hears of it under the chip worker's lock.
  // SIGNAL_NOT_FOUND, LIMIT_REACHED.
  virtual absl::StatusOr<WaitTable::WaitId> AddWait(WaitSpec spec) = 0;
  // Afterwards the listener is not called for it any more. False when it was gone already.
  virtual bool RemoveWait(WaitTable::WaitId id) = 0;

  // Each condition's signal now. SIGNAL_NOT_FOUND.
  virtual absl::StatusOr<std::vector<uint64_t>> Values(absl::Span<const Condition> conditions) = 0;

  // The region with its signals' values.
  virtual absl::StatusOr<v1::Region> Describe() = 0;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_REGION_PORT_H_
