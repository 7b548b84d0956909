#include "client/encode_frame.h"

#include <string>
#include <vector>

#include "client/packed_frame.h"
#include "grpcpp/support/slice.h"
#include "gtest/gtest.h"

namespace l3link::client {
namespace {

RequestFrame PackedOf(size_t messages, size_t bytes) {
  RequestFrame frame = NewPackedFrame(1'000);
  for (size_t i = 0; i < messages; ++i) {
    AppendMessages(*frame, {{std::string(bytes, static_cast<char>('a' + i % 26)), static_cast<uint32_t>(i), i}});
  }
  frame->mutable_messages()->mutable_ack()->set_through(77);
  return frame;
}

std::vector<grpc::Slice> SlicesOf(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(bytes.Dump(&slices).ok());
  return slices;
}

std::string Joined(const grpc::ByteBuffer& bytes) {
  std::string all;
  for (const grpc::Slice& slice : SlicesOf(bytes))
    all.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return all;
}

TEST(EncodeFrameTest, WritesWhatProtobufWrites) {
  for (const size_t messages : {0, 1, 100, 5'000}) {
    for (const size_t bytes : {0, 1, 64, 5'000}) {
      const RequestFrame frame = PackedOf(messages, bytes);
      EXPECT_EQ(Joined(EncodeFrame(frame)), frame->SerializeAsString()) << messages << " of " << bytes;
    }
  }
  const std::string large(1 << 20, 'x');
  const RequestFrame fragment = NewFragment(5, {large, 3, 9}, 0, large);
  EXPECT_EQ(Joined(EncodeFrame(fragment)), fragment->SerializeAsString());
  const auto attach = std::make_shared<v1::StreamRequest>();
  attach->mutable_attach()->set_session_id(std::string(64, 's'));
  EXPECT_EQ(Joined(EncodeFrame(attach)), attach->SerializeAsString());
}

TEST(EncodeFrameTest, CopiesNoLargePayload) {
  const RequestFrame frame = PackedOf(100, 5'000);
  const void* const payload = frame->messages().packed().payloads().data();
  bool found = false;
  for (const grpc::Slice& slice : SlicesOf(EncodeFrame(frame))) found |= slice.begin() == payload;
  EXPECT_TRUE(found);
}

TEST(EncodeFrameTest, KeepsTheFrameUntilItsBytesAreGone) {
  RequestFrame frame = PackedOf(100, 5'000);
  const std::weak_ptr<v1::StreamRequest> watched = frame;
  const std::string expected = frame->SerializeAsString();
  {
    const grpc::ByteBuffer bytes = EncodeFrame(frame);
    EXPECT_GT(frame.use_count(), 1);
    frame.reset();
    EXPECT_EQ(Joined(bytes), expected);
  }
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace l3link::client
