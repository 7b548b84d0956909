// ChipCalls on regions.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "backends/worker/chip_calls.h"

namespace l3link {
namespace {

absl::Status Closed(const HostRegion& region) {
  return Refuse(Reason::kREGION_CLOSED, absl::StrCat("region ", region.name(), " was closed"),
                {{"region", region.name()}});
}

}  // namespace

absl::StatusOr<std::shared_ptr<HostRegion>> ChipCalls::OpenSharedMemory(absl::string_view name,
                                                                        const RegionConfig& config) {
  absl::StatusOr<RegionConfig> complete = CompleteRegionConfig(config, 0, worker_.options().limits);
  if (!complete.ok()) return complete.status();
  ChipLock lock(worker_);
  absl::StatusOr<Opened<HostRegion>> opened = worker_.objects().OpenRegion(name, *complete);
  if (!opened.ok()) return opened.status();
  return std::move(opened->object);
}

absl::StatusOr<std::shared_ptr<HostRegion>> ChipCalls::FindSharedMemory(absl::string_view name) {
  ChipLock lock(worker_);
  return worker_.objects().FindRegion(name, 0);
}

absl::Status ChipCalls::CloseSharedMemory(HostRegion& region) {
  ChipLock lock(worker_);
  if (region.closed()) return Closed(region);
  worker_.objects().CloseRegion(region);
  return absl::OkStatus();
}

absl::StatusOr<SharedMemoryInfo> ChipCalls::GetSharedMemoryInfo(HostRegion& region) {
  ChipLock lock(worker_);
  if (region.closed()) return Closed(region);
  // The memory is no constant; HostRegion only does not write there on its own.
  return SharedMemoryInfo{const_cast<std::byte*>(region.data().data()),
                          worker_.traits().device_base + region.data_offset(), region.config().data_bytes,
                          region.signal_count()};
}

absl::Status ChipCalls::SharedMemoryRead(HostRegion& region, uint64_t offset, absl::Span<std::byte> out) {
  absl::Status status = region.CheckRange(offset, out.size());
  if (!status.ok()) return status;
  region.Read(offset, out);  // without the lock: bulk copies hold up no lane
  ChipLock lock(worker_);
  return region.closed() ? Closed(region) : region.CheckIntact();
}

absl::Status ChipCalls::SharedMemoryWrite(HostRegion& region, uint64_t offset, absl::Span<const std::byte> data) {
  absl::Status status = region.CheckRange(offset, data.size());
  if (!status.ok()) return status;
  region.Write(offset, data);
  ChipLock lock(worker_);
  return region.closed() ? Closed(region) : region.CheckIntact();
}

absl::StatusOr<uint64_t> ChipCalls::SharedMemoryNotify(HostRegion& region, const Notification& notification) {
  ChipLock lock(worker_);
  if (region.closed()) return Closed(region);
  absl::StatusOr<uint64_t> value = region.Notify(notification);
  // The chip is rung by the notify; who waits in this process hears of it from us.
  if (auto waits = region_waits_.find(region.generation()); waits != region_waits_.end()) {
    waits->second.OnRegionActivity(region);
  }
  absl::Status intact = region.CheckIntact();
  if (value.ok() && !intact.ok()) return intact;
  return value;
}

void ChipCalls::RegionWaits::OnRegionActivity(HostRegion&) {
  for (ActivityEvent* event : events) event->Set();
}

void ChipCalls::RegionWaits::OnRegionGone(HostRegion& region) { OnRegionActivity(region); }

absl::StatusOr<bool> ChipCalls::TryWait(HostRegion& region, const Condition& condition, uint64_t* value) {
  *value = region.Load(condition.signal);
  if (region.closed()) return Closed(region);
  absl::Status status = region.CheckIntact();
  if (!status.ok()) return status;
  return Holds(condition, *value);
}

absl::StatusOr<uint64_t> ChipCalls::SharedMemoryWait(HostRegion& region, const Condition& condition,
                                                     absl::Duration timeout) {
  absl::Status status = region.CheckCondition(condition);
  if (!status.ok()) return status;
  const MonoTime deadline = After(MonoNow(), timeout);
  ActivityEvent event;
  {
    ChipLock lock(worker_);
    RegionWaits& waits = region_waits_[region.generation()];
    waits.events.push_back(&event);
    if (!region.closed()) worker_.objects().SetRegionListener(region, &waits);
  }
  for (bool in_time = true;; in_time = event.Wait(deadline)) {
    ChipLock lock(worker_);
    uint64_t value = 0;
    absl::StatusOr<bool> holds = TryWait(region, condition, &value);
    if (holds.ok() && !*holds && in_time && MonoNow() < deadline) continue;
    RegionWaits& waits = region_waits_[region.generation()];
    std::erase(waits.events, &event);
    if (waits.events.empty()) {
      if (!region.closed()) worker_.objects().SetRegionListener(region, nullptr);
      region_waits_.erase(region.generation());
    }
    if (!holds.ok()) return holds.status();
    if (*holds) return value;
    return Refuse(Reason::kWOULD_BLOCK,
                  absl::StrCat("region ", region.name(), ": signal ", condition.signal, " is ", value, " after ",
                               absl::FormatDuration(timeout)),
                  {{"timeout", absl::FormatDuration(timeout)}, {"value", absl::StrCat(value)}});
  }
}

}  // namespace l3link
