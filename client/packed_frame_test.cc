#include "client/packed_frame.h"

#include "gtest/gtest.h"

namespace l3link::client {
namespace {

const v1::PackedMessages& PackedOf(const RequestFrame& frame) { return frame->messages().packed(); }

TEST(PackedFrameTest, LeavesOutArraysThatAreAllZero) {
  const RequestFrame frame = NewPackedFrame(7);
  AppendMessages(*frame, {{"ab"}, {""}});
  EXPECT_EQ(frame->messages().first_sequence(), 7u);
  EXPECT_EQ(PackedOf(frame).sizes_size(), 2);
  EXPECT_EQ(PackedOf(frame).payloads(), "ab");
  EXPECT_EQ(PackedOf(frame).routes_size(), 0);
  EXPECT_EQ(PackedOf(frame).correlation_ids_size(), 0);
}

TEST(PackedFrameTest, FillsUpArraysAtTheFirstOtherValue) {
  const RequestFrame frame = NewPackedFrame(0);
  AppendMessages(*frame, {{"a"}, {"b"}});
  AppendMessages(*frame, {{"c"}, {"d", 5, 9}});
  AppendMessages(*frame, {{"e"}});
  EXPECT_EQ(std::vector<uint32_t>(PackedOf(frame).routes().begin(), PackedOf(frame).routes().end()),
            (std::vector<uint32_t>{0, 0, 0, 5, 0}));
  EXPECT_EQ(PackedOf(frame).correlation_ids(3), 9u);
  EXPECT_EQ(PackedOf(frame).correlation_ids_size(), 5);
  EXPECT_EQ(PackedOf(frame).payloads(), "abcde");
}

TEST(PackedFrameTest, SlicesMessagesWithAllTheyCarry) {
  const RequestFrame frame = NewPackedFrame(10);
  AppendMessages(*frame, {{"one", 1, 11}, {"", 2, 12}, {"three", 3, 13}, {"4", 4, 14}});
  const RequestFrame slice = SlicePackedFrame(*frame, 1, 3);
  EXPECT_EQ(slice->messages().first_sequence(), 11u);
  EXPECT_EQ(PackedOf(slice).sizes_size(), 2);
  EXPECT_EQ(PackedOf(slice).payloads(), "three");
  EXPECT_EQ(PackedOf(slice).routes(0), 2u);
  EXPECT_EQ(PackedOf(slice).correlation_ids(1), 13u);
}

TEST(PackedFrameTest, IsEmptyWhenRecycled) {
  const RequestFrame frame = NewPackedFrame(0);
  AppendMessages(*frame, {{"a", 1, 1}});
  RecyclePackedFrame(*frame, 42);
  EXPECT_EQ(frame->SerializeAsString(), NewPackedFrame(42)->SerializeAsString());
}

}  // namespace
}  // namespace l3link::client
