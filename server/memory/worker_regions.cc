#include "server/memory/worker_regions.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/memory/region_convert.h"

namespace l3link {
namespace {

absl::Status Closed(uint32_t worker_id, absl::string_view name, uint64_t generation) {
  return Refuse(Reason::kREGION_CLOSED,
                absl::StrCat(RegionLabel(worker_id, name), " (generation ", generation, ") was closed"),
                {{"region", std::string(name)}, {"generation", absl::StrCat(generation)}});
}

// Also after the region's memory was touched: what was read there may be of memory that is gone.
absl::Status CheckIntact(uint32_t worker_id, HostRegion& region) {
  if (region.CheckIntact().ok()) return absl::OkStatus();
  const absl::string_view poison = PoisonName(region.poison()->reason);
  return Refuse(
      Reason::kREGION_POISONED,
      absl::StrCat(RegionLabel(worker_id, region.name()), ": poisoned, ", poison, ": ", region.poison()->evidence),
      {{"region", region.name()}, {"poison", std::string(poison)}, {"evidence", region.poison()->evidence}});
}

absl::Status Unknown(absl::string_view request_id) {
  return Refuse(Reason::kOUTCOME_UNKNOWN,
                absl::StrCat("notify ", request_id,
                             " may have been done: the node was killed in the middle of it, and the "
                             "chip writes that signal too"),
                {{"request_id", std::string(request_id)}});
}

}  // namespace

WorkerRegions::~WorkerRegions() {
  ChipLock lock(*worker_);
  for (const auto& [name, region] : worker_->objects().regions()) {
    if (waits_of_.contains(region->generation())) worker_->objects().SetRegionListener(*region, nullptr);
  }
}

absl::StatusOr<v1::OpenRegionResponse> WorkerRegions::Open(absl::string_view name, const v1::RegionConfig& config) {
  if (absl::Status supported = worker_->CheckSupported(); !supported.ok()) return supported;
  absl::StatusOr<RegionConfig> complete = ConfigOf(config, worker_->options().limits);
  if (!complete.ok()) return complete.status();
  ChipLock lock(*worker_);
  absl::StatusOr<Opened<HostRegion>> opened = worker_->objects().OpenRegion(name, *complete);
  if (!opened.ok()) return opened.status();
  v1::OpenRegionResponse response;
  response.set_created(opened->created);
  FillHeld(*opened->object, std::numeric_limits<int>::max(), response.mutable_region());
  return response;
}

absl::Status WorkerRegions::Close(absl::string_view name, uint64_t generation) {
  ChipLock lock(*worker_);
  absl::StatusOr<std::shared_ptr<HostRegion>> region = worker_->objects().FindRegion(name, generation);
  if (!region.ok()) return region.status();
  worker_->objects().CloseRegion(**region);
  return absl::OkStatus();
}

absl::StatusOr<v1::Region> WorkerRegions::Describe(absl::string_view name, uint64_t generation) {
  ChipLock lock(*worker_);
  absl::StatusOr<std::shared_ptr<HostRegion>> region = worker_->objects().FindRegion(name, generation);
  if (!region.ok()) return region.status();
  v1::Region result;
  FillHeld(**region, std::numeric_limits<int>::max(), &result);
  return result;
}

void WorkerRegions::DescribeAll(int most_values, google::protobuf::RepeatedPtrField<v1::Region>* regions) {
  ChipLock lock(*worker_);
  for (const auto& [name, region] : worker_->objects().regions()) FillHeld(*region, most_values, regions->Add());
}

absl::StatusOr<std::shared_ptr<HostRegion>> WorkerRegions::Find(absl::string_view name, uint64_t generation) {
  ChipLock lock(*worker_);
  return FindHeld(worker_->objects(), name, generation);
}

absl::StatusOr<std::shared_ptr<HostRegion>> WorkerRegions::FindAgain(const RegionKey& key) {
  ChipLock lock(*worker_);
  return FindAgainHeld(worker_->objects(), key);
}

absl::StatusOr<uint64_t> WorkerRegions::Notify(const RegionKey& key, const Notification& notification,
                                               NotifyWitness* witness) {
  ChipLock lock(*worker_);
  absl::StatusOr<std::shared_ptr<HostRegion>> region = FindAgainHeld(worker_->objects(), key);
  if (!region.ok()) return region.status();
  return NotifyHeld(**region, notification, witness);
}

absl::StatusOr<uint64_t> WorkerRegions::NotifyOnce(const RegionKey& key, const Notification& notification,
                                                   absl::string_view request_id) {
  ChipLock lock(*worker_);
  absl::StatusOr<std::shared_ptr<HostRegion>> region = FindAgainHeld(worker_->objects(), key);
  if (!region.ok()) return region.status();
  if (absl::optional<NotifyMemory::Done> done = notify_memory_.Find(key.generation, request_id)) {
    const Notification& was = done->notification;
    if (was.signal == notification.signal && was.op == notification.op && was.value == notification.value) {
      return done->unknown ? Unknown(request_id) : absl::StatusOr<uint64_t>(done->value);
    }
    return BadField("request_id", request_id, "this id was used for another notify of this region");
  }
  if (absl::Status kept = KeepNotifiesHeld(); !kept.ok()) return kept;
  absl::optional<NotifyJournal::Witness> witness;
  if (notify_journal_ != nullptr) witness.emplace(notify_journal_.get(), request_id, notification);
  absl::StatusOr<uint64_t> value = NotifyHeld(**region, notification, witness.has_value() ? &*witness : nullptr);
  if (value.ok()) notify_memory_.Remember(key.generation, request_id, {notification, *value, false});
  return value;
}

bool WorkerRegions::WasNotified(const RegionKey& key, absl::string_view request_id) {
  ChipLock lock(*worker_);
  return notify_memory_.Find(key.generation, request_id).has_value();
}

absl::StatusOr<WaitTable::WaitId> WorkerRegions::AddWait(const RegionKey& key, WaitSpec spec) {
  ChipLock lock(*worker_);
  absl::StatusOr<std::shared_ptr<HostRegion>> region = FindAgainHeld(worker_->objects(), key);
  if (!region.ok()) return region.status();
  for (const Condition& condition : spec.conditions) {
    if (absl::Status legal = (*region)->CheckCondition(condition); !legal.ok()) return legal;
    (void)(*region)->Load(condition.signal);  // a touch: see whether the memory is there
  }
  if (absl::Status whole = CheckIntact(worker_id(), **region); !whole.ok()) return whole;
  if (absl::Status room = waits_->Take(1); !room.ok()) return room;
  Waits& waits = WaitsOfHeld(worker_->objects(), **region);
  ++waits.counted;
  const WaitTable::WaitId id = waits.table->Add(std::move(spec));
  Settle(waits);
  return id;
}

bool WorkerRegions::RemoveWait(const RegionKey& key, WaitTable::WaitId id) {
  ChipLock lock(*worker_);
  auto found = waits_of_.find(key.generation);
  if (found == waits_of_.end()) return false;
  const bool removed = found->second.table->Remove(id);
  Settle(found->second);
  return removed;
}

absl::StatusOr<std::vector<uint64_t>> WorkerRegions::Values(const RegionKey& key,
                                                            absl::Span<const Condition> conditions) {
  ChipLock lock(*worker_);
  absl::StatusOr<std::shared_ptr<HostRegion>> region = FindAgainHeld(worker_->objects(), key);
  if (!region.ok()) return region.status();
  std::vector<uint64_t> values;
  for (const Condition& condition : conditions) {
    if (absl::Status legal = (*region)->CheckCondition(condition); !legal.ok()) return legal;
    values.push_back((*region)->Load(condition.signal));
  }
  if (absl::Status whole = CheckIntact(worker_id(), **region); !whole.ok()) return whole;
  return values;
}

void WorkerRegions::OnRegionActivity(HostRegion& region) {
  auto found = waits_of_.find(region.generation());
  if (found == waits_of_.end()) return;
  if (absl::Status whole = CheckIntact(worker_id(), region); !whole.ok()) {
    found->second.table->EndAll(whole);
  } else {
    found->second.table->Look();
  }
  Settle(found->second);
}

void WorkerRegions::OnRegionGone(HostRegion& region) {
  auto found = waits_of_.find(region.generation());
  if (found == waits_of_.end()) return;
  found->second.table->EndAll(Closed(worker_id(), region.name(), region.generation()));
  Settle(found->second);
  waits_of_.erase(found);
}

absl::StatusOr<std::shared_ptr<HostRegion>> WorkerRegions::FindHeld(ObjectTable& objects, absl::string_view name,
                                                                    uint64_t generation) const {
  absl::StatusOr<std::shared_ptr<HostRegion>> region = objects.FindRegion(name, generation);
  if (!region.ok()) return region;
  if (absl::Status whole = CheckIntact(worker_id(), **region); !whole.ok()) return whole;
  return region;
}

absl::StatusOr<std::shared_ptr<HostRegion>> WorkerRegions::FindAgainHeld(ObjectTable& objects,
                                                                         const RegionKey& key) const {
  absl::StatusOr<std::shared_ptr<HostRegion>> region = FindHeld(objects, key.name, key.generation);
  if (region.ok() || IsRefusal(region.status(), Reason::kREGION_POISONED)) return region;
  return Closed(worker_id(), key.name, key.generation);
}

absl::StatusOr<uint64_t> WorkerRegions::NotifyHeld(HostRegion& region, const Notification& notification,
                                                   NotifyWitness* witness) {
  absl::StatusOr<uint64_t> value = region.Notify(notification, witness);
  if (absl::Status whole = CheckIntact(worker_id(), region); !whole.ok()) return whole;
  auto found = waits_of_.find(region.generation());
  if (value.ok() && found != waits_of_.end()) {
    found->second.table->LookAt({notification.signal});
    Settle(found->second);
  }
  return value;
}

WorkerRegions::Waits& WorkerRegions::WaitsOfHeld(ObjectTable& objects, HostRegion& region) {
  Waits& waits = waits_of_[region.generation()];
  if (waits.table == nullptr) {
    waits.table = std::make_unique<WaitTable>([&region](uint32_t signal) -> absl::optional<uint64_t> {
      const uint64_t value = region.Load(signal);
      if (!region.CheckIntact().ok()) return absl::nullopt;
      return value;
    });
    objects.SetRegionListener(region, this);
  }
  return waits;
}

void WorkerRegions::FillHeld(HostRegion& region, int most_values, v1::Region* out) const {
  *out->mutable_id() = IdOf(worker_id(), region);
  *out->mutable_config() = ToProto(region.config());
  const uint32_t signals = region.signal_count();
  out->set_bytes(region.bytes());
  out->set_device_address(worker_->traits().device_base + region.data_offset());
  for (uint32_t signal = 0; signal < signals && signal < static_cast<uint32_t>(most_values); ++signal) {
    out->add_signal_values(region.Load(signal));
  }
  if (!region.CheckIntact().ok()) out->clear_signal_values();
  if (region.poison().has_value()) {
    out->set_poisoned(true);
    out->set_poison(std::string(PoisonName(region.poison()->reason)));
    out->set_evidence(region.poison()->evidence);
  }
  auto found = waits_of_.find(region.generation());
  if (found != waits_of_.end()) out->set_waits(static_cast<uint32_t>(found->second.table->size()));
}

void WorkerRegions::Settle(Waits& waits) {
  const size_t now = waits.table->size();
  if (now < waits.counted) waits_->Give(waits.counted - now);
  waits.counted = now;
}

}  // namespace l3link
