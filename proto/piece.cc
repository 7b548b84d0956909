#include "proto/piece.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <google/protobuf/io/coded_stream.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace l3link {
namespace {

using google::protobuf::io::CodedOutputStream;

enum WireType : uint8_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

constexpr uint8_t kMore = 0x80;  // of a varint: further bytes follow
constexpr int kLongestVarint = 10;
constexpr size_t kCacheLine = 64;
constexpr int kLongestLength = 4;  // 2^28: longer than any frame

// A piece of this size is one of many: what was copied is out of the cache before anybody reads it.
constexpr size_t kBulkBytes = 256 << 10;

// Copies past the cache, where the processor can: HostRegion's writes say why.
void CopyBulk(char* to, const char* from, size_t bytes) {
#ifdef __SSE2__
  const size_t before = std::min<size_t>(bytes, -reinterpret_cast<uintptr_t>(to) % kCacheLine);
  std::memcpy(to, from, before);
  to += before, from += before, bytes -= before;
  for (; bytes >= kCacheLine; to += kCacheLine, from += kCacheLine, bytes -= kCacheLine) {
    const auto* const source = reinterpret_cast<const __m128i*>(from);
    auto* const line = reinterpret_cast<__m128i*>(to);
    const __m128i a = _mm_loadu_si128(source), b = _mm_loadu_si128(source + 1);
    const __m128i c = _mm_loadu_si128(source + 2), d = _mm_loadu_si128(source + 3);
    _mm_stream_si128(line, a);
    _mm_stream_si128(line + 1, b);
    _mm_stream_si128(line + 2, c);
    _mm_stream_si128(line + 3, d);
  }
  _mm_sfence();
#endif
  std::memcpy(to, from, bytes);
}

uint8_t TagOf(int field) { return static_cast<uint8_t>(field << 3 | kLengthDelimited); }

// Where a frame is being read. Its bytes lie in one run after the other.
class Cursor {
 public:
  explicit Cursor(grpc::ByteBuffer* frame) : left_(frame->Length()), reader_(frame) {}

  size_t left() const { return left_; }

  // left() is not 0. A frame's length is that of its runs.
  uint8_t NextByte() {
    if (run_.empty()) NextRun();
    const uint8_t byte = static_cast<uint8_t>(run_.front());
    run_.remove_prefix(1);
    --left_;
    return byte;
  }

  // Gives `take` the next `bytes`, run by run; there are as many left.
  template <typename Take>
  void Next(size_t bytes, Take take) {
    while (bytes > 0) {
      if (run_.empty()) NextRun();
      const absl::string_view part = run_.substr(0, bytes);
      take(part);
      run_.remove_prefix(part.size());
      left_ -= part.size();
      bytes -= part.size();
    }
  }

  // Appends a varint to `bytes` as it is, and tells its value. False: it is longer than `longest` bytes.
  bool NextVarint(int longest, std::string* bytes, uint64_t* value) {
    *value = 0;
    for (int i = 0; i < longest && left_ > 0; ++i) {
      const uint8_t byte = NextByte();
      bytes->push_back(static_cast<char>(byte));
      *value |= uint64_t{byte & ~kMore & 0xffu} << (7 * i);
      if ((byte & kMore) == 0) return true;
    }
    return false;
  }

 private:
  void NextRun() {
    const void* data = nullptr;
    int size = 0;
    while (run_.empty() && reader_.Next(&data, &size))
      run_ = {static_cast<const char*>(data), static_cast<size_t>(size)};
  }

  size_t left_;
  grpc::ProtoBufferReader reader_;
  absl::string_view run_;
};

// How many bytes a field's value has, once what says so is in `rest`, too.
bool NextLength(Cursor& cursor, uint8_t wire_type, std::string* rest, uint64_t* bytes) {
  uint64_t value;
  *bytes = 0;
  switch (wire_type) {
    case kVarint: return cursor.NextVarint(kLongestVarint, rest, &value);
    case kFixed64: *bytes = 8; break;
    case kFixed32: *bytes = 4; break;
    case kLengthDelimited:
      if (!cursor.NextVarint(kLongestLength, rest, bytes)) return false;
      break;
    default: return false;
  }
  return *bytes <= cursor.left();
}

}  // namespace

void PieceData::CopyTo(char* to) const {
  for (const absl::string_view run : runs_) {
    if (size_ >= kBulkBytes) {
      CopyBulk(to, run.data(), run.size());
    } else {
      std::memcpy(to, run.data(), run.size());
    }
    to += run.size();
  }
}

bool PieceData::FindIn(grpc::ByteBuffer* frame, int number, std::string* rest) {
  runs_.clear();
  size_ = 0;
  Cursor cursor(frame);
  while (cursor.left() > 0) {
    const uint8_t tag = cursor.NextByte();
    if (tag < 8 || tag >= kMore) return false;  // no field, or one whose number takes two bytes
    const size_t before = rest->size();
    rest->push_back(static_cast<char>(tag));
    uint64_t bytes;
    if (!NextLength(cursor, tag & 7, rest, &bytes)) return false;
    if (tag != TagOf(number)) {
      cursor.Next(bytes, [&](absl::string_view part) { rest->append(part.data(), part.size()); });
      continue;
    }
    rest->resize(before);
    runs_.clear();  // of several the last counts
    cursor.Next(bytes, [&](absl::string_view part) { runs_.push_back(part); });
    size_ = bytes;
  }
  return true;
}

void PieceData::Hold(std::string data) {
  own_ = std::move(data);
  size_ = own_.size();
  runs_.assign(1, own_);
}

grpc::ByteBuffer FrameOf(const google::protobuf::MessageLite& message) {
  const grpc::Slice slice(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

bool ParseFrame(grpc::ByteBuffer* frame, google::protobuf::MessageLite* message) {
  grpc::ProtoBufferReader reader(frame);
  return message->ParseFromZeroCopyStream(&reader);
}

OutgoingPiece::OutgoingPiece(const google::protobuf::MessageLite& head, int data_field, size_t data_bytes)
    : data_bytes_(data_bytes) {
  std::string fields = head.SerializeAsString();
  if (data_bytes > 0) {  // no bytes are no field
    uint8_t length[kLongestVarint];
    const uint8_t* const end = CodedOutputStream::WriteVarint64ToArray(data_bytes, length);
    fields.push_back(static_cast<char>(TagOf(data_field)));
    fields.append(reinterpret_cast<const char*>(length), end - length);
  }
  head_bytes_ = fields.size();
  const size_t bytes = fields.size() + data_bytes;
  const grpc_slice room = grpc_slice_malloc(bytes + kCacheLine);
  const size_t skip = -reinterpret_cast<uintptr_t>(GRPC_SLICE_START_PTR(room) + head_bytes_) % kCacheLine;
  slice_ = grpc_slice_sub_no_ref(room, skip, skip + bytes);
  std::copy(fields.begin(), fields.end(), GRPC_SLICE_START_PTR(slice_));
}

}  // namespace l3link
