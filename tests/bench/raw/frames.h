// Frames of bare bytes.
#ifndef L3LINK_TESTS_BENCH_RAW_FRAMES_H_
#define L3LINK_TESTS_BENCH_RAW_FRAMES_H_

#include <grpcpp/support/byte_buffer.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace l3link::bench {

inline grpc::ByteBuffer FrameOf(const void* data, size_t bytes) {
  const grpc::Slice slice(data, bytes);
  return grpc::ByteBuffer(&slice, 1);
}

inline grpc::ByteBuffer FilledFrame(size_t bytes) {
  const std::string filled(bytes, 'z');
  return FrameOf(filled.data(), filled.size());
}

// The first 64-bit words of a frame, as many as are there.
inline std::array<uint64_t, 2> WordsOf(const grpc::ByteBuffer& frame) {
  std::array<uint64_t, 2> words = {};
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!frame.Dump(&slices).ok()) return words;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  std::memcpy(words.data(), bytes.data(), std::min(bytes.size(), sizeof(words)));
  return words;
}

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_RAW_FRAMES_H_
