#include "backends/host/object_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/catalogue.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

constexpr Direction kBothDirections[] = {Direction::kHostToChip, Direction::kChipToHost};

// The objects of one name: found, and of the generation asked for.
template <typename Object>
absl::StatusOr<std::shared_ptr<Object>> Find(const absl::btree_map<std::string, std::shared_ptr<Object>>& objects,
                                             absl::string_view kind, Reason not_found, absl::string_view name,
                                             uint64_t generation) {
  auto found = objects.find(std::string(name));
  if (found == objects.end()) {
    return Refuse(not_found, absl::StrCat("no ", kind, " named \"", name, "\" is open"), {{"name", std::string(name)}});
  }
  const uint64_t current = found->second->generation();
  if (generation != 0 && generation != current) {
    return Refuse(
        Reason::kSTALE_ID,
        absl::StrCat(kind, " ", name, ": generation ", generation, " is over; the one open now has ", current),
        {{"name", std::string(name)},
         {"generation", absl::StrCat(generation)},
         {"current_generation", absl::StrCat(current)}});
  }
  return found->second;
}

absl::Status Mismatch(absl::string_view kind, absl::string_view name, const ConfigDifference& difference) {
  return Refuse(Reason::kCONFIG_MISMATCH,
                absl::StrCat(kind, " ", name, " is open already, with ", difference.field, " ", difference.open,
                             " and not ", difference.asked),
                {{"name", std::string(name)},
                 {"field", difference.field},
                 {"open", difference.open},
                 {"asked", difference.asked}});
}

}  // namespace

ObjectTable::ObjectTable(absl::Span<std::byte> memory, const ObjectLimits& limits, Platform* platform, HostBell* bell,
                         ChipJournal* journal)
    : memory_(memory),
      header_(HeaderOf(memory)),
      limits_(limits),
      platform_(platform),
      bell_(bell),
      journal_(journal),
      space_(ArenaDataAt(limits.max_objects), memory.size() / L3_PAGE_BYTES * L3_PAGE_BYTES),
      directory_(memory, limits.max_objects) {}

absl::Status ObjectTable::CheckOpen(absl::string_view name) const {
  if (!platform_->traits().supported) {
    return Refuse(Reason::kPLATFORM_UNSUPPORTED, platform_->traits().detail,
                  {{"platform", platform_->traits().platform}});
  }
  if (!name.empty()) {
    absl::Status status = CheckObjectName(name);
    if (!status.ok()) return status;
  }
  if (directory_.full()) {
    return Refuse(Reason::kLIMIT_REACHED,
                  absl::StrCat("max_objects: ", directory_.capacity(), " channels and regions are open"),
                  {{"limit", "max_objects"}, {"maximum", absl::StrCat(directory_.capacity())}});
  }
  return absl::OkStatus();
}

std::string ObjectTable::MadeUpName(absl::string_view kind) {
  for (;;) {
    std::string name = absl::StrCat(kind, "-", ++made_up_names_);
    if (!channels_.contains(name) && !regions_.contains(name)) return name;
  }
}

absl::Status ObjectTable::CheckArena(absl::string_view what) {
  if (all_poisoned_.empty() && bell_->arena_gone()) PoisonAll(PoisonReason::kArenaGone, "the arena's memory was lost");
  if (all_poisoned_.empty()) return absl::OkStatus();
  return Refuse(Reason::kCHIP_LOST, absl::StrCat(what, ": ", all_poisoned_, "; restart the node"));
}

absl::StatusOr<Extent> ObjectTable::Take(uint64_t bytes, absl::string_view what) {
  absl::Status there = CheckArena(what);
  if (!there.ok()) return there;
  absl::optional<Extent> extent = space_.Allocate(bytes);
  if (!extent.has_value()) {
    ReleaseQuarantine(false);
    extent = space_.Allocate(bytes);
  }
  if (!extent.has_value()) {
    const bool quarantined = bytes <= space_.free_bytes() + quarantine_.bytes() && !quarantine_.empty();
    return Refuse(
        quarantined ? Reason::kQUARANTINE_FULL : Reason::kARENA_FULL,
        absl::StrCat(what, " needs ", bytes, " bytes of the arena; the largest hole has ", space_.largest_free(),
                     ", and ", quarantine_.bytes(), " wait for the chip's acknowledgement"),
        {{"bytes", absl::StrCat(bytes)},
         {"largest_free_bytes", absl::StrCat(space_.largest_free())},
         {"free_bytes", absl::StrCat(space_.free_bytes())},
         {"quarantined_bytes", absl::StrCat(quarantine_.bytes())}});
  }
  absl::Status status = platform_->Commit(extent->offset, extent->bytes);
  if (!status.ok()) {
    space_.Free(*extent);
    return status;
  }
  return *extent;
}

void ObjectTable::GiveBack(Extent extent) {
  platform_->Decommit(extent.offset, extent.bytes);
  space_.Free(extent);
}

absl::StatusOr<Extent> ObjectTable::TakeBlock(uint64_t bytes, const Extent& given_back_on_error) {
  absl::StatusOr<Extent> block = journal_->TakeBlock(bytes);
  if (!block.ok()) GiveBack(given_back_on_error);
  return block;
}

void ObjectTable::Retire(std::vector<Extent> extents, std::shared_ptr<const void> owner, const Extent& block) {
  RetiredExtents retired{Joined(std::move(extents)), directory_.version() + 1, LoadChipLine(*header_).attach_count,
                         std::move(owner), block};
  retired.places = journal_->ListQuarantined(retired.extents, retired.version, retired.attach_count);
  quarantine_.Add(std::move(retired));
}

void ObjectTable::PublishDirectory() {
  journal_->SetDirectoryVersion(directory_.version() + 1);
  directory_.Publish();
  bell_->RingDirectory();
}

absl::StatusOr<Opened<HostChannel>> ObjectTable::OpenChannel(absl::string_view asked_name,
                                                             const ChannelConfig& config) {
  if (auto found = channels_.find(std::string(asked_name)); found != channels_.end()) {
    if (!(found->second->config() == config))
      return Mismatch("channel", asked_name, Difference(found->second->config(), config));
    return Opened<HostChannel>{found->second, false};
  }
  absl::Status status = CheckOpen(asked_name);
  if (!status.ok()) return status;
  const std::string name = asked_name.empty() ? MadeUpName("channel") : std::string(asked_name);
  absl::StatusOr<Extent> extent = Take(BytesOf(config), absl::StrCat("channel ", name));
  if (!extent.ok()) return extent.status();
  absl::StatusOr<Extent> block = TakeBlock(JournalBytesOf(config), *extent);
  if (!block.ok()) return block.status();

  auto channel = std::make_shared<HostChannel>(journal_->NextGeneration(), name, config, *extent, *block);
  uint64_t lane_offset =
      extent->offset + l3_channel_head_bytes(uint64_t{config.host_to_chip_lanes} + config.chip_to_host_lanes);
  for (Direction direction : kBothDirections) {
    for (uint32_t i = 0; i < channel->lane_count(direction); ++i) {
      BuildLane(*channel, direction, i, lane_offset);
      lane_offset += l3_lane_bytes(config.lane.lane_depth, config.lane.ring_bytes);
    }
  }
  WriteGeometry(*channel);
  channel->directory_index_ = directory_.NextFree();
  journal_->Put(channel->directory_index_, CatalogueEntryOf(*channel));
  directory_.Write(channel->directory_index_, L3_OBJECT_CHANNEL, channel->generation(), extent->offset, extent->bytes,
                   name);
  channels_[name] = channel;
  PublishDirectory();
  absl::Status there = CheckArena(absl::StrCat("channel ", name));
  if (!there.ok()) return there;
  return Opened<HostChannel>{std::move(channel), true};
}

absl::StatusOr<Opened<HostRegion>> ObjectTable::OpenRegion(absl::string_view asked_name, const RegionConfig& config) {
  if (auto found = regions_.find(std::string(asked_name)); found != regions_.end()) {
    if (!(found->second->config() == config))
      return Mismatch("region", asked_name, Difference(found->second->config(), config));
    return Opened<HostRegion>{found->second, false};
  }
  absl::Status status = CheckOpen(asked_name);
  if (!status.ok()) return status;
  const std::string name = asked_name.empty() ? MadeUpName("region") : std::string(asked_name);
  absl::StatusOr<Extent> extent = Take(BytesOf(config), absl::StrCat("region ", name));
  if (!extent.ok()) return extent.status();
  absl::StatusOr<Extent> block = TakeBlock(RegionJournal::BytesFor(config.signal_count()), *extent);
  if (!block.ok()) return block.status();

  const HostRegion::Place place{memory_.data(), extent->offset, journal_->BlockAt(block->offset), *block};
  auto region = std::make_shared<HostRegion>(place, journal_->NextGeneration(), name, config,
                                             platform_->traits().shared_rmw, bell_);
  region->Begin();
  region->directory_index_ = directory_.NextFree();
  journal_->Put(region->directory_index_, CatalogueEntryOf(*region));
  directory_.Write(region->directory_index_, L3_OBJECT_REGION, region->generation(), extent->offset, extent->bytes,
                   name);
  regions_[name] = region;
  PublishDirectory();
  absl::Status there = CheckArena(absl::StrCat("region ", name));
  if (!there.ok()) return there;
  return Opened<HostRegion>{std::move(region), true};
}

absl::StatusOr<std::shared_ptr<HostChannel>> ObjectTable::FindChannel(absl::string_view name,
                                                                      uint64_t generation) const {
  return Find(channels_, "channel", Reason::kCHANNEL_NOT_FOUND, name, generation);
}

absl::StatusOr<std::shared_ptr<HostRegion>> ObjectTable::FindRegion(absl::string_view name, uint64_t generation) const {
  return Find(regions_, "region", Reason::kREGION_NOT_FOUND, name, generation);
}

void ObjectTable::SetRegionListener(HostRegion& region, RegionListener* listener) {
  region.listener_ = listener;
  if (listener != nullptr) region.Look();
}

void ObjectTable::ReleaseQuarantine(bool chip_gone) {
  if (quarantine_.empty()) return;
  const ChipLine chip = LoadChipLine(*header_);
  ChipProgress progress;
  progress.directory_ack = std::min(chip.directory_ack, directory_.version());
  progress.attach_count = chip.attach_count;
  progress.gone = chip_gone || chip.attach_count == 0;
  for (const RetiredExtents& retired : quarantine_.Release(progress)) {
    journal_->Unlist(retired.places);
    for (const Extent& extent : retired.extents) GiveBack(extent);
    if (retired.block.bytes > 0) journal_->GiveBlock(retired.block);
  }
  if (quarantine_.empty() && journal_->unlisted_version() != 0) journal_->ForgetUnlisted();
}

uint64_t ObjectTable::used_bytes() const { return space_.allocated_bytes() - quarantine_.bytes(); }
uint64_t ObjectTable::quarantined_bytes() const { return quarantine_.bytes(); }
uint64_t ObjectTable::directory_version() const { return directory_.version(); }

}  // namespace l3link
