// A region of this node, found once and used many times: the real RegionPort.
//
// Any thread. Holds no memory: every call looks the region up again under the chip worker's lock (a moment), keeps it alive
// for the bulk copy without the lock, and answers REGION_CLOSED when it is gone. So an idle user pins nothing.
#ifndef L3LINK_SERVER_MEMORY_REGION_ACCESS_H_
#define L3LINK_SERVER_MEMORY_REGION_ACCESS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/memory/region_port.h"
#include "server/memory/worker_regions.h"

namespace l3link {

class RegionAccess final : public RegionPort {
 public:
  // `regions` outlives it; `data_bytes` is the region's.
  RegionAccess(WorkerRegions* regions, RegionKey key, uint64_t data_bytes)
      : regions_(*regions), key_(std::move(key)), data_bytes_(data_bytes) {}

  uint32_t worker_id() const override { return regions_.worker_id(); }
  absl::StatusOr<uint64_t> Write(uint64_t offset, absl::string_view data, const absl::optional<Notification>& notify,
                                 NotifyWitness* witness) override;
  absl::Status Read(uint64_t offset, uint64_t length, std::string* out) override;
  // The same for data in several runs, one after the other, and into memory of the caller's.
  absl::Status Write(uint64_t offset, absl::Span<const absl::string_view> runs);
  absl::Status Read(uint64_t offset, absl::Span<char> out);
  absl::StatusOr<uint64_t> Notify(const Notification& notify, NotifyWitness* witness) override;
  absl::StatusOr<WaitTable::WaitId> AddWait(WaitSpec spec) override;
  bool RemoveWait(WaitTable::WaitId id) override;
  absl::StatusOr<std::vector<uint64_t>> Values(absl::Span<const Condition> conditions) override;
  absl::StatusOr<v1::Region> Describe() override;

  // Whether a notify would be accepted now; changes nothing.
  absl::Status CheckNotify(const Notification& notify);
  absl::Status CheckRange(uint64_t offset, uint64_t length);
  absl::StatusOr<uint64_t> NotifyOnce(const Notification& notify, absl::string_view request_id) {
    return regions_.NotifyOnce(key_, notify, request_id);
  }
  bool WasNotified(absl::string_view request_id) { return regions_.WasNotified(key_, request_id); }

  ChipWorker& worker() const { return regions_.worker(); }
  uint64_t data_bytes() const { return data_bytes_; }
  const RegionKey& key() const { return key_; }

 private:
  // Whether the arena broke while it was being copied: then what was copied means nothing.
  absl::Status CheckStillWhole();

  WorkerRegions& regions_;
  const RegionKey key_;
  const uint64_t data_bytes_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_REGION_ACCESS_H_
