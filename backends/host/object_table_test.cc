#include "backends/host/object_table.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_send.h"
#include "backends/host/refusal.h"
#include "backends/host/testing/lane_memory.h"
#include "backends/host/testing/memory_platform.h"

namespace l3link {
namespace {

ChannelConfig Config(uint32_t lanes = 1, uint32_t depth = 4, uint32_t most = 64) {
  ChannelConfig config;
  config.host_to_chip_lanes = config.chip_to_host_lanes = lanes;
  config.lane.lane_depth = depth;
  config.lane.max_message_bytes = most;
  return *CompleteChannelConfig(config, ObjectLimits());
}

std::shared_ptr<HostChannel> Open(TestArena& arena, absl::string_view name, const ChannelConfig& config = Config()) {
  absl::StatusOr<Opened<HostChannel>> opened = arena.table->OpenChannel(name, config);
  EXPECT_TRUE(opened.ok()) << opened.status();
  return opened->object;
}

bool Send(HostChannel& channel, absl::string_view text) {
  LaneProducer& lane = *channel.lane(Direction::kHostToChip, 0).producer;
  if (lane.Stage({0, 0, AsBytes(text)}) != LaneResult::kOk) return false;
  lane.Publish();
  return true;
}

l3_receiver OpenReceiver(l3_chip* chip, const char* name) {
  l3_object object;
  l3_channel channel;
  l3_receiver receiver;
  EXPECT_EQ(l3_find_by_name(chip, L3_OBJECT_CHANNEL, name, &object), L3_OK) << name;
  EXPECT_EQ(l3_channel_open(chip, &object, &channel), L3_OK);
  EXPECT_EQ(l3_receiver_open(&channel, 0, &receiver), L3_OK);
  return receiver;
}

TEST(ObjectTableTest, OpensOnceForTheSameNameAndConfig) {
  TestArena arena;
  std::shared_ptr<HostChannel> first = Open(arena, "text");
  absl::StatusOr<Opened<HostChannel>> again = arena.table->OpenChannel("text", Config());
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->object, first);
  EXPECT_TRUE(IsRefusal(arena.table->OpenChannel("text", Config(2)).status(), Reason::kCONFIG_MISMATCH));
  EXPECT_EQ(arena.table->FindChannel("text", 0)->get(), first.get());
  EXPECT_TRUE(IsRefusal(arena.table->FindChannel("none", 0).status(), Reason::kCHANNEL_NOT_FOUND));
}

TEST(ObjectTableTest, AStaleIdNeverReachesANewerObject) {
  TestArena arena;
  const uint64_t generation = Open(arena, "text")->generation();
  arena.table->CloseChannel(**arena.table->FindChannel("text", 0));
  EXPECT_TRUE(IsRefusal(arena.table->FindChannel("text", generation).status(), Reason::kCHANNEL_NOT_FOUND));
  EXPECT_GT(Open(arena, "text")->generation(), generation);
  EXPECT_TRUE(IsRefusal(arena.table->FindChannel("text", generation).status(), Reason::kSTALE_ID));
}

TEST(ObjectTableTest, MakesUpNames) {
  TestArena arena;
  Open(arena, "channel-1");
  EXPECT_EQ(Open(arena, "")->name(), "channel-2");
}

TEST(ObjectTableTest, AChipFindsTheChannelAndReceives) {
  TestArena arena;
  std::shared_ptr<HostChannel> channel = Open(arena, "text");
  l3_chip chip = arena.Attach();
  l3_receiver receiver = OpenReceiver(&chip, "text");
  ASSERT_TRUE(Send(*channel, "hello"));
  l3_message message;
  ASSERT_EQ(l3_take(&receiver, &message), L3_OK);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(message.payload), message.payload_bytes), "hello");
}

// The closed channel's chip view goes on being used; nothing else may suffer.
TEST(ObjectTableTest, AChipThatKeepsUsingAClosedChannelDoesNotTouchTheNext) {
  TestArena arena;
  l3_chip chip = arena.Attach();
  std::shared_ptr<HostChannel> old = Open(arena, "old");
  l3_receiver receiver = OpenReceiver(&chip, "old");
  l3_object object;
  l3_channel view;
  l3_sender sender;
  ASSERT_EQ(l3_find_by_name(&chip, L3_OBJECT_CHANNEL, "old", &object), L3_OK);
  ASSERT_EQ(l3_channel_open(&chip, &object, &view), L3_OK);
  ASSERT_EQ(l3_sender_open(&view, 0, &sender), L3_OK);
  arena.table->CloseChannel(*old);
  old.reset();
  arena.table->ReleaseQuarantine(false);
  std::shared_ptr<HostChannel> next = Open(arena, "next");
  EXPECT_GT(arena.table->quarantined_bytes(), 0u);

  // A program that does not look at the directory: straight into the old memory.
  std::memset(sender.lane.ring, 0xee, sender.lane.ring_bytes);
  l3_store_release_u64(&sender.lane.producer->tail, 77);
  l3_store_release_u64(&receiver.lane.consumer->head, 99);

  ASSERT_TRUE(Send(*next, "untouched"));
  l3_receiver next_receiver = OpenReceiver(&chip, "next");
  l3_message message;
  ASSERT_EQ(l3_take(&next_receiver, &message), L3_OK);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(message.payload), message.payload_bytes), "untouched");
  arena.table->Audit();
  EXPECT_FALSE(next->lane(Direction::kHostToChip, 0).poison().has_value());
  EXPECT_FALSE(next->lane(Direction::kChipToHost, 0).poison().has_value());

  // Only its acknowledgement gives the memory back.
  uint64_t version;
  ASSERT_TRUE(l3_directory_changed(&chip, &version));
  l3_directory_acknowledge(&chip, version);
  arena.table->ReleaseQuarantine(false);
  EXPECT_EQ(arena.table->quarantined_bytes(), 0u);
}

TEST(ObjectTableTest, ReusedMemoryIsZero) {
  TestArena arena;
  std::shared_ptr<HostChannel> channel = Open(arena, "a");
  const uint64_t offset = channel->offset();
  ASSERT_TRUE(Send(*channel, "secret"));
  arena.table->CloseChannel(*channel);
  channel.reset();
  arena.table->ReleaseQuarantine(true);
  channel = Open(arena, "b");
  ASSERT_EQ(channel->offset(), offset);
  l3_chip chip = arena.Attach();
  l3_receiver receiver = OpenReceiver(&chip, "b");
  l3_message message;
  EXPECT_EQ(l3_take(&receiver, &message), L3_AGAIN);
}

TEST(ObjectTableTest, AnAcknowledgementFromTheFutureReleasesNothing) {
  TestArena arena;
  l3_chip chip = arena.Attach();
  std::shared_ptr<HostChannel> channel = Open(arena, "a");
  arena.table->CloseChannel(*channel);
  channel.reset();
  const uint64_t used = arena.table->quarantined_bytes();
  l3_store_release_u64(&chip.arena->chip.directory_ack, UINT64_MAX);
  arena.table->ReleaseQuarantine(false);
  EXPECT_EQ(arena.table->quarantined_bytes(), 0u) << "bounded by the version, which covers this change";
  EXPECT_GT(used, 0u);
  channel = Open(arena, "b");
  arena.table->CloseChannel(*channel);
  channel.reset();
  l3_store_release_u64(&chip.arena->chip.directory_ack, arena.table->directory_version() - 1);
  arena.table->ReleaseQuarantine(false);
  EXPECT_GT(arena.table->quarantined_bytes(), 0u);
}

TEST(ObjectTableTest, ResetGivesTheLaneAFreshPlaceAndGeneration) {
  TestArena arena;
  l3_chip chip = arena.Attach();
  std::shared_ptr<HostChannel> channel = Open(arena, "text", Config(2));
  l3_receiver receiver = OpenReceiver(&chip, "text");
  ASSERT_TRUE(Send(*channel, "before"));
  const HostLane& lane = channel->lane(Direction::kHostToChip, 0);
  const uint64_t generation = lane.generation, offset = lane.offset;
  channel->lane(Direction::kHostToChip, 0).SetPoison(PoisonReason::kHeadRange, "by hand");
  ASSERT_TRUE(arena.table->ResetLane(*channel, Direction::kHostToChip, 0).ok());
  EXPECT_NE(lane.offset, offset);
  EXPECT_GT(lane.generation, generation);
  EXPECT_FALSE(lane.poison().has_value());
  EXPECT_EQ(lane.producer->published(), 0u);
  l3_message message;
  EXPECT_EQ(l3_take(&receiver, &message), L3_ECLOSED);
  receiver = OpenReceiver(&chip, "text");
  ASSERT_TRUE(Send(*channel, "after"));
  ASSERT_EQ(l3_take(&receiver, &message), L3_OK);
  EXPECT_EQ(message.sequence, 0u);
  const uint64_t quarantined = arena.table->quarantined_bytes();
  const uint64_t used = arena.table->used_bytes();
  EXPECT_GT(quarantined, 0u);
  arena.table->CloseChannel(*channel);
  EXPECT_EQ(arena.table->used_bytes(), 0u);
  EXPECT_EQ(arena.table->quarantined_bytes(), quarantined + used);
  channel.reset();
  arena.table->ReleaseQuarantine(true);
  EXPECT_EQ(arena.table->quarantined_bytes(), 0u);
  EXPECT_EQ(arena.platform.committed, 0u);
}

TEST(ObjectTableTest, SaysWhetherTheArenaOrTheQuarantineIsFull) {
  TestArena arena(1 << 20);
  ChannelConfig large = Config(1, 4, 100000);
  EXPECT_TRUE(IsRefusal(arena.table->OpenChannel("huge", Config(1, 64, 1 << 20)).status(), Reason::kARENA_FULL));
  std::shared_ptr<HostChannel> channel = Open(arena, "a", large);
  EXPECT_TRUE(IsRefusal(arena.table->OpenChannel("b", large).status(), Reason::kARENA_FULL));
  arena.Attach();
  arena.table->CloseChannel(*channel);
  channel.reset();
  const absl::Status status = arena.table->OpenChannel("b", large).status();
  EXPECT_TRUE(IsRefusal(status, Reason::kQUARANTINE_FULL)) << status;
}

TEST(ObjectTableTest, AFailedCommitChangesNothing) {
  TestArena arena;
  arena.platform.commits_left = 0;
  const uint64_t version = arena.table->directory_version();
  EXPECT_TRUE(IsRefusal(arena.table->OpenChannel("a", Config()).status(), Reason::kSTATE_SPACE_FULL));
  RegionConfig region;
  region.data_bytes = 100;
  region = *CompleteRegionConfig(region, 0, ObjectLimits());
  EXPECT_TRUE(IsRefusal(arena.table->OpenRegion("r", region).status(), Reason::kSTATE_SPACE_FULL));
  EXPECT_EQ(arena.table->used_bytes(), 0u);
  EXPECT_EQ(arena.table->directory_version(), version);
  EXPECT_TRUE(arena.table->channels().empty());
}

TEST(ObjectTableTest, TheDirectoryHasAnEnd) {
  TestArena arena(64 << 20, 3);
  for (int i = 0; i < 3; ++i) Open(arena, absl::StrCat("c", i));
  EXPECT_TRUE(IsRefusal(arena.table->OpenChannel("d", Config()).status(), Reason::kLIMIT_REACHED));
  arena.table->CloseChannel(**arena.table->FindChannel("c1", 0));
  Open(arena, "d");
}

TEST(ObjectTableTest, AnUnsupportedPlatformRefusesEveryOpen) {
  TestArena arena;
  arena.platform.mutable_traits().supported = false;
  arena.platform.mutable_traits().detail = "not supported on a5";
  EXPECT_TRUE(IsRefusal(arena.table->OpenChannel("a", Config()).status(), Reason::kPLATFORM_UNSUPPORTED));
}

}  // namespace
}  // namespace l3link
