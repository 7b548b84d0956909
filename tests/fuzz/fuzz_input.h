// The bytes of one fuzzer input, read from front to back as decisions; zeros once they have run out.
//
// Front to back, so that libFuzzer's insertions and deletions of bytes add and remove operations, and a short prefix of an input
// does what it did in the whole one.
#ifndef L3LINK_TESTS_FUZZ_FUZZ_INPUT_H_
#define L3LINK_TESTS_FUZZ_FUZZ_INPUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace l3link::fuzz {

class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size) : at_(data), end_(data + size) {}

  bool empty() const { return at_ == end_; }
  uint8_t Byte() { return at_ == end_ ? 0 : *at_++; }
  bool Flag() { return (Byte() & 1) != 0; }
  // Little-endian, of `bytes` bytes.
  uint64_t Word(int bytes = 8) {
    uint64_t word = 0;
    for (int i = 0; i < bytes; ++i) word |= uint64_t{Byte()} << (8 * i);
    return word;
  }
  // 0 to count - 1; count > 0.
  uint64_t Below(uint64_t count) { return (count <= 256 ? Byte() : Word(count <= 65536 ? 2 : 8)) % count; }
  // A number as limits are tested: small, just beside `limit`, a power of two, or anything.
  uint64_t Near(uint64_t limit) {
    const uint8_t how = Byte();
    switch (how % 4) {
      case 0: return Byte();
      case 1: return limit + (how >> 2) % 8 - 4;
      case 2: return (uint64_t{1} << (how >> 2)) - Byte() % 2;
      default: return Word();
    }
  }
  // At most `most` bytes; their number first.
  std::string Text(size_t most) {
    const size_t size = std::min<size_t>(Below(most + 1), end_ - at_);
    std::string text(reinterpret_cast<const char*>(at_), size);
    at_ += size;
    return text;
  }
  std::string Rest() {
    std::string text(reinterpret_cast<const char*>(at_), end_ - at_);
    at_ = end_;
    return text;
  }

 private:
  const uint8_t* at_;
  const uint8_t* const end_;
};

}  // namespace l3link::fuzz

#endif  // L3LINK_TESTS_FUZZ_FUZZ_INPUT_H_
