#include "client/encode_frame.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream.h"
#include "grpcpp/support/slice.h"
#include "proto/piece.h"

namespace l3link::client {
namespace {

// Below this a copy costs less than a slice of its own.
constexpr size_t kWorthASlice = 4 << 10;

// Collects what Protobuf writes: in slices of its own, but for large fields, which stay in the frame.
class SliceWriter final : public google::protobuf::io::ZeroCopyOutputStream {
 public:
  // `copied`: about how many bytes are not such fields.
  SliceWriter(const RequestFrame* frame, size_t copied) : frame_(*frame), next_bytes_(copied) {}

  bool Next(void** data, int* size) override {
    const size_t bytes = std::max(std::exchange(next_bytes_, 0), kLeastBytes);
    slices_.emplace_back(bytes);
    *data = const_cast<uint8_t*>(slices_.back().begin());
    *size = static_cast<int>(bytes);
    count_ += *size;
    return true;
  }
  void BackUp(int count) override {
    slices_.back() = slices_.back().sub(0, slices_.back().size() - count);
    count_ -= count;
  }
  int64_t ByteCount() const override { return count_; }
  bool AllowsAliasing() const override { return true; }
  bool WriteAliasedRaw(const void* data, int size) override {
    slices_.emplace_back(
        const_cast<void*>(data), size, [](void* owner) { delete static_cast<RequestFrame*>(owner); },
        new RequestFrame(frame_));
    count_ += size;
    return true;
  }

  grpc::ByteBuffer Bytes() const { return {slices_.data(), slices_.size()}; }

 private:
  static constexpr size_t kLeastBytes = 64;  // not inside the slice itself, which moves

  const RequestFrame& frame_;
  size_t next_bytes_;
  std::vector<grpc::Slice> slices_;
  int64_t count_ = 0;
};

}  // namespace

grpc::ByteBuffer EncodeFrame(const RequestFrame& frame) {
  const v1::Messages& messages = frame->messages();
  const size_t payload = (messages.has_fragment() ? messages.fragment().data() : messages.packed().payloads()).size();
  if (payload < kWorthASlice) return FrameOf(*frame);
  SliceWriter writer(&frame, frame->ByteSizeLong() - payload);
  {
    google::protobuf::io::CodedOutputStream out(&writer);
    out.EnableAliasing(true);
    frame->SerializeWithCachedSizes(&out);
  }
  return writer.Bytes();
}

}  // namespace l3link::client
