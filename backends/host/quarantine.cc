#include "backends/host/quarantine.h"

#include <utility>

namespace l3link {

void Quarantine::Add(Extent extent, uint64_t version, uint64_t attach_count, std::shared_ptr<const void> owner) {
  bytes_ += extent.bytes;
  ranges_.push_back({extent, version, attach_count, std::move(owner)});
}

std::vector<Extent> Quarantine::Release(const ChipProgress& chip) {
  std::vector<Extent> released;
  std::erase_if(ranges_, [&](const Range& range) {
    const bool chip_done = chip.gone || chip.directory_ack >= range.version || chip.attach_count != range.attach_count;
    // Only this entry may know the object: region reads and writes copy without the lock.
    const bool host_done = range.owner == nullptr || range.owner.use_count() == 1;
    if (!chip_done || !host_done) return false;
    released.push_back(range.extent);
    bytes_ -= range.extent.bytes;
    return true;
  });
  return Joined(std::move(released));
}

}  // namespace l3link
