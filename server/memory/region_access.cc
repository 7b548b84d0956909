#include "server/memory/region_access.h"

#include "backends/host/refusal.h"

namespace l3link {

absl::StatusOr<uint64_t> RegionAccess::Write(uint64_t offset, absl::string_view data,
                                             const absl::optional<Notification>& notify, NotifyWitness* witness) {
  absl::StatusOr<std::shared_ptr<HostRegion>> region = regions_.FindAgain(key_);
  if (!region.ok()) return region.status();
  if (absl::Status legal = (*region)->CheckRange(offset, data.size()); !legal.ok()) return legal;
  if (notify.has_value()) {
    if (absl::Status legal = (*region)->CheckNotify(*notify); !legal.ok()) return legal;
  }
  (*region)->Write(offset, {reinterpret_cast<const std::byte*>(data.data()), data.size()});
  if (notify.has_value()) return regions_.Notify(key_, *notify, witness);
  if (absl::Status whole = CheckStillWhole(); !whole.ok()) return whole;
  return 0;
}

absl::Status RegionAccess::Read(uint64_t offset, uint64_t length, std::string* out) {
  if (absl::Status legal = CheckRange(offset, length); !legal.ok()) return legal;
  out->resize(length);
  return Read(offset, absl::MakeSpan(*out));
}

absl::Status RegionAccess::Write(uint64_t offset, absl::Span<const absl::string_view> runs) {
  uint64_t length = 0;
  for (const absl::string_view run : runs) length += run.size();
  absl::StatusOr<std::shared_ptr<HostRegion>> region = regions_.FindAgain(key_);
  if (!region.ok()) return region.status();
  if (absl::Status legal = (*region)->CheckRange(offset, length); !legal.ok()) return legal;
  for (const absl::string_view run : runs) {
    (*region)->Write(offset, {reinterpret_cast<const std::byte*>(run.data()), run.size()});
    offset += run.size();
  }
  return CheckStillWhole();
}

absl::Status RegionAccess::Read(uint64_t offset, absl::Span<char> out) {
  absl::StatusOr<std::shared_ptr<HostRegion>> region = regions_.FindAgain(key_);
  if (!region.ok()) return region.status();
  if (absl::Status legal = (*region)->CheckRange(offset, out.size()); !legal.ok()) return legal;
  (*region)->Read(offset, {reinterpret_cast<std::byte*>(out.data()), out.size()});
  return CheckStillWhole();
}

absl::StatusOr<uint64_t> RegionAccess::Notify(const Notification& notify, NotifyWitness* witness) {
  return regions_.Notify(key_, notify, witness);
}

absl::StatusOr<WaitTable::WaitId> RegionAccess::AddWait(WaitSpec spec) {
  return regions_.AddWait(key_, std::move(spec));
}

bool RegionAccess::RemoveWait(WaitTable::WaitId id) { return regions_.RemoveWait(key_, id); }

absl::StatusOr<std::vector<uint64_t>> RegionAccess::Values(absl::Span<const Condition> conditions) {
  return regions_.Values(key_, conditions);
}

absl::StatusOr<v1::Region> RegionAccess::Describe() { return regions_.Describe(key_.name, key_.generation); }

absl::Status RegionAccess::CheckNotify(const Notification& notify) {
  absl::StatusOr<std::shared_ptr<HostRegion>> region = regions_.FindAgain(key_);
  return region.ok() ? (*region)->CheckNotify(notify) : region.status();
}

absl::Status RegionAccess::CheckRange(uint64_t offset, uint64_t length) {
  absl::StatusOr<std::shared_ptr<HostRegion>> region = regions_.FindAgain(key_);
  return region.ok() ? (*region)->CheckRange(offset, length) : region.status();
}

absl::Status RegionAccess::CheckStillWhole() {
  absl::StatusOr<std::shared_ptr<HostRegion>> region = regions_.FindAgain(key_);
  // Closed meanwhile is no harm: the copy was of memory that was still this region's.
  if (region.ok() || IsRefusal(region.status(), Reason::kREGION_CLOSED)) return absl::OkStatus();
  return region.status();
}

}  // namespace l3link
