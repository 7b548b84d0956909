// Payloads and data go from the caller's memory to the chip's and back without a string or vector on the way, at every layer.
#include "tests/conformance/layers/layer_suite.h"
#include "tests/support/allocations.h"

namespace l3link {
namespace {

constexpr size_t kBytes = 16 << 10;

class CopiesLayersTest : public LayerTest {
 protected:
  // Over gRPC there is the message, and the frame that gRPC makes of it.
  size_t CopiesOnTheWay() const { return layer_->in_process() ? 0 : 2; }

  const std::string bytes_ = std::string(kBytes, 'b');
  std::string room_ = std::string(kBytes, '\0');
};

TEST_P(CopiesLayersTest, APayloadIsCopiedIntoTheRingAndOutOfIt) {
  Start({"echo"});
  const LayerHandle channel = Channel({1, 1, 4, kBytes});
  for (int round = 0; round < 3; ++round) {
    {
      const LargeAllocations large(kBytes);
      ASSERT_EQ(layer_->ChannelSend(channel, 0, bytes_.data(), kBytes, 0, kPatience), Outcome::kOk);
      EXPECT_LE(large.count(), CopiesOnTheWay());
    }
    ASSERT_EQ(layer_->ChannelRecv(channel, nullptr, 0, &message_, kPatience), Outcome::kTooLarge) << "now it is there";
    const LargeAllocations large(kBytes);
    ASSERT_EQ(layer_->ChannelRecv(channel, room_.data(), kBytes, &message_, kPatience), Outcome::kOk);
    EXPECT_EQ(large.count(), 0u);
    EXPECT_TRUE(room_ == bytes_);
    room_.assign(kBytes, '\0');
  }
}

TEST_P(CopiesLayersTest, DataIsCopiedIntoTheRegionAndOutOfIt) {
  Start({"echo"});
  const LayerHandle memory = Memory(kBytes);
  // What gRPC makes once a connection, on the thread of its first call.
  ASSERT_EQ(layer_->SharedMemoryWrite(memory, 0, "x", 1), Outcome::kOk);
  for (int round = 0; round < 3; ++round) {
    const LargeAllocations large(kBytes);
    ASSERT_EQ(layer_->SharedMemoryWrite(memory, 0, bytes_.data(), kBytes), Outcome::kOk);
    EXPECT_LE(large.count(), CopiesOnTheWay());
    ASSERT_EQ(layer_->SharedMemoryRead(memory, 0, room_.data(), kBytes), Outcome::kOk);
    EXPECT_LE(large.count(), 2 * CopiesOnTheWay());
    EXPECT_TRUE(room_ == bytes_);
    room_.assign(kBytes, '\0');
  }
}

INSTANTIATE_TEST_SUITE_P(Layers, CopiesLayersTest,
                         testing::Combine(testing::ValuesIn(AllLayers()), testing::Values("a2a3sim")), LayerTestName);

// The instrument itself: a library's operator new is this one, too.
TEST(LargeAllocationsTest, CountsStringsAndVectorsOfThisThread) {
  const LargeAllocations large(kBytes);
  { const std::string copy(kBytes, 'x'); }
  { const std::vector<char> copy(kBytes); }
  { const std::string small(kBytes / 2, 'x'); }
  EXPECT_EQ(large.count(), 2u);
}

}  // namespace
}  // namespace l3link
