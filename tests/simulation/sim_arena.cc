#include "tests/simulation/sim_arena.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "backends/host/catalogue.h"

namespace l3link::simulation {
namespace {

constexpr uint64_t kArenaBytes = 48 * L3_PAGE_BYTES;
constexpr uint32_t kMaxObjects = 8;

}  // namespace

void Zeroed::Use(uint64_t offset, uint64_t bytes) { used_ = std::max(used_, offset + bytes); }

void Zeroed::Drop(uint64_t offset, uint64_t bytes) {
  if (offset >= used_) return;
  std::memset(span().data() + offset, 0, std::min(bytes, used_ - offset));
}

absl::Status SimArena::Space::Commit(uint64_t offset, uint64_t bytes) {
  memory_.Drop(offset, bytes);
  memory_.Use(offset, bytes);
  return absl::OkStatus();
}

absl::Status SimArena::Commit(uint64_t offset, uint64_t bytes) {
  memory_.Drop(offset, bytes);
  memory_.Use(offset, bytes);
  return absl::OkStatus();
}

SimArena::SimArena()
    : memory_(kArenaBytes),
      journal_memory_(ChipJournal::BytesFor(kArenaBytes, kMaxObjects)),
      journal_space_(&journal_memory_) {
  limits_.max_objects = kMaxObjects;
}

void SimArena::MakeTable() {
  bell_ = std::make_unique<HostBell>(HeaderOf(memory()), [this](uint32_t*) { ++chip_wakes_; });
  Platform* const platform = this;
  table_ = std::make_unique<ObjectTable>(memory(), limits_, platform, bell_.get(), journal_.get());
}

void SimArena::Begin(World* world) {
  table_.reset();
  memory_.DropAll();
  journal_memory_.DropAll();
  memory_.Use(0, ArenaDataAt(kMaxObjects));
  ArenaIdentity identity;
  identity.directory_capacity = kMaxObjects;
  InitArena(memory(), identity);
  journal_ = std::make_unique<ChipJournal>(journal_memory_.span(), &journal_space_);
  JournalIdentity journal_identity = {};
  journal_identity.max_objects = kMaxObjects;
  if (!journal_->Init(journal_identity).ok()) std::abort();
  MakeTable();
  const Knobs& knobs = world->knobs;
  ChannelConfig config;
  config.host_to_chip_lanes = config.chip_to_host_lanes = knobs.lanes;
  config.lane = geometry_ = {knobs.lane_depth, knobs.max_message_bytes, knobs.ring_bytes, 8, knobs.checksum};
  const auto opened = table_->OpenChannel("c", config);
  if (!opened.ok()) world->Fail(opened.status().ToString());
}

void SimArena::Kill() {
  if (table_ != nullptr) {  // the chip goes on
    for (Direction direction : {Direction::kHostToChip, Direction::kChipToHost}) {
      std::vector<uint64_t>& offsets = offsets_[static_cast<int>(direction)];
      offsets.clear();
      for (uint32_t i = 0; i < channel().lane_count(direction); ++i)
        offsets.push_back(channel().lane(direction, i).offset);
    }
  }
  table_.reset();
  bell_.reset();
  journal_.reset();
}

absl::Status SimArena::Recover() {
  journal_ = std::make_unique<ChipJournal>(journal_memory_.span(), &journal_space_);
  const absl::Status status = journal_->Open();
  MakeTable();
  return status.ok() ? table_->Recover() : status;
}

std::byte* SimArena::LaneBase(Direction direction, uint32_t lane) {
  const uint64_t offset =
      table_ != nullptr ? channel().lane(direction, lane).offset : offsets_[static_cast<int>(direction)][lane];
  return memory().data() + offset;
}

l3_producer_line& SimArena::ProducerLine(Direction direction, uint32_t lane) {
  return *reinterpret_cast<l3_producer_line*>(LaneBase(direction, lane));
}

l3_consumer_line& SimArena::ConsumerLine(Direction direction, uint32_t lane) {
  return *reinterpret_cast<l3_consumer_line*>(LaneBase(direction, lane) + L3_LANE_CONSUMER_AT);
}

l3_descriptor& SimArena::Descriptor(Direction direction, uint32_t lane, uint64_t sequence) {
  auto* slots = reinterpret_cast<l3_descriptor*>(LaneBase(direction, lane) + L3_LANE_DESCRIPTORS_AT);
  return slots[sequence % (2 * geometry_.lane_depth)];
}

char* SimArena::Payload(Direction direction, uint32_t lane, uint64_t position) {
  return reinterpret_cast<char*>(LaneBase(direction, lane)) + l3_lane_ring_at(geometry_.lane_depth) +
         position % geometry_.ring_bytes;
}

LaneBlock* SimArena::BlockOf(Direction direction, uint32_t lane) {
  const uint64_t offset = channel().block().offset + JournalOffsetOf(channel().config(), direction, lane);
  return reinterpret_cast<LaneBlock*>(journal_memory_.span().data() + offset);
}

uint64_t SimArena::HotCount(Direction direction, uint32_t lane) {
  const auto& copies = BlockOf(direction, lane)->hot.copies;
  return std::max(copies[0].counter, copies[1].counter);
}

void SimArena::LoadHot(Direction direction, uint32_t lane, LaneHot* newest, LaneHot* before) {
  const auto& copies = BlockOf(direction, lane)->hot.copies;
  const uint64_t count = HotCount(direction, lane);
  std::memcpy(newest, copies[count % 2].words, sizeof(*newest));
  std::memcpy(before, copies[(count + 1) % 2].words, sizeof(*before));
}

void SimArena::TearHot(Direction direction, uint32_t lane) {
  auto& newest = BlockOf(direction, lane)->hot.copies[HotCount(direction, lane) % 2];
  newest.words[0] ^= 0x5555;
}

void SimArena::RewriteHot(Direction direction, uint32_t lane, const LaneHot& hot) {
  AbRecord<LaneHot> record(&BlockOf(direction, lane)->hot);
  LaneHot present;
  if (record.Load(&present)) record.Store(hot);
}

}  // namespace l3link::simulation
