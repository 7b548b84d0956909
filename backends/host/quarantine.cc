#include "backends/host/quarantine.h"

#include <utility>

namespace l3link {

void Quarantine::Add(std::vector<Extent> extents, uint64_t version, uint64_t attach_count,
                     std::shared_ptr<const void> owner) {
  for (const Extent& extent : extents) bytes_ += extent.bytes;
  changes_.push_back({std::move(extents), version, attach_count, std::move(owner)});
}

std::vector<Extent> Quarantine::Release(const ChipProgress& chip) {
  std::vector<Extent> released;
  std::erase_if(changes_, [&](const Change& change) {
    const bool chip_done =
        chip.gone || chip.directory_ack >= change.version || chip.attach_count != change.attach_count;
    // Only this entry may know the object: region reads and writes copy without the lock.
    const bool host_done = change.owner == nullptr || change.owner.use_count() == 1;
    if (!chip_done || !host_done) return false;
    for (const Extent& extent : change.extents) bytes_ -= extent.bytes;
    released.insert(released.end(), change.extents.begin(), change.extents.end());
    return true;
  });
  return Joined(std::move(released));
}

}  // namespace l3link
