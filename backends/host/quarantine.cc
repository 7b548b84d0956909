#include "backends/host/quarantine.h"

#include <utility>

namespace l3link {

void Quarantine::Add(RetiredExtents retired) {
  for (const Extent& extent : retired.extents) bytes_ += extent.bytes;
  retired_.push_back(std::move(retired));
}

std::vector<RetiredExtents> Quarantine::Release(const ChipProgress& chip) {
  std::vector<RetiredExtents> released;
  std::erase_if(retired_, [&](RetiredExtents& retired) {
    const bool chip_done =
        chip.gone || chip.directory_ack >= retired.version || chip.attach_count != retired.attach_count;
    // Only this entry may know the object: region reads and writes copy without the lock.
    const bool host_done = retired.owner == nullptr || retired.owner.use_count() == 1;
    if (!chip_done || !host_done) return false;
    for (const Extent& extent : retired.extents) bytes_ -= extent.bytes;
    released.push_back(std::move(retired));
    return true;
  });
  return released;
}

}  // namespace l3link
