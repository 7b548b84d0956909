// Handles for people who write C: a token for each object, good until it is removed, and never good again.
//
// A token is no address and is never used as one. Its top bit is set, which no address of a process has, so that a stray
// pointer is no token; below lie the kind of the table, a generation that counts the uses of a slot, and the slot:
//
//    63    62..60   59 .......... 24   23 ......... 0
//   +---+--------+--------------------+---------------+
//   | 1 |  kind  |     generation     |  slot number  |
//   +---+--------+--------------------+---------------+
//
// Not locked: Registry is its caller.
#ifndef L3LINK_BACKENDS_RUNTIME_HANDLE_TABLE_H_
#define L3LINK_BACKENDS_RUNTIME_HANDLE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/types/optional.h"

namespace l3link {

enum class HandleKind : uint8_t { kContext = 1, kChannel = 2, kMemory = 3 };

template <typename Object>
class HandleTable {
 public:
  static constexpr int kSlotBits = 24;
  static constexpr int kGenerationBits = 36;
  static constexpr uint64_t kLastGeneration = (uint64_t{1} << kGenerationBits) - 1;

  // `first_generation` > 0: tests come near the end of a slot's life with it.
  explicit HandleTable(HandleKind kind, uint64_t first_generation = 1)
      : kind_(kind), first_generation_(first_generation) {}

  // nullptr: there are 2^24 already.
  void* Add(Object object) {
    if (free_.empty()) {
      if (slots_.size() >> kSlotBits != 0) return nullptr;
      free_.push_back(slots_.size());
      slots_.push_back({first_generation_, absl::nullopt});
    }
    const size_t index = free_.back();
    free_.pop_back();
    slots_[index].object = std::move(object);
    return TokenOf(index);
  }

  // nullptr: stale, of another table, or no token. Good until the next change.
  const Object* Find(const void* token) const {
    const auto bits = reinterpret_cast<uint64_t>(token);
    const size_t index = bits & ((uint64_t{1} << kSlotBits) - 1);
    if (index >= slots_.size() || TokenOf(index) != token || !slots_[index].object.has_value()) return nullptr;
    return &*slots_[index].object;
  }

  absl::optional<Object> Remove(const void* token) {
    if (Find(token) == nullptr) return absl::nullopt;
    const size_t index = reinterpret_cast<uint64_t>(token) & ((uint64_t{1} << kSlotBits) - 1);
    Slot& slot = slots_[index];
    absl::optional<Object> object = std::exchange(slot.object, absl::nullopt);
    // A slot whose generations are used up is never used again.
    if (slot.generation++ < kLastGeneration) free_.push_back(index);
    return object;
  }

  // Of all there are.
  std::vector<void*> Tokens() const {
    std::vector<void*> tokens;
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].object.has_value()) tokens.push_back(TokenOf(i));
    }
    return tokens;
  }

  template <typename Predicate>
  void RemoveIf(Predicate predicate) {
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].object.has_value() && predicate(*slots_[i].object)) Remove(TokenOf(i));
    }
  }

 private:
  static_assert(sizeof(void*) == sizeof(uint64_t), "tokens have 64 bits");

  struct Slot {
    uint64_t generation;
    absl::optional<Object> object;
  };

  void* TokenOf(size_t index) const {
    return reinterpret_cast<void*>(uint64_t{1} << 63 | uint64_t{static_cast<uint8_t>(kind_)} << 60 |
                                   (slots_[index].generation & kLastGeneration) << kSlotBits | index);
  }

  const HandleKind kind_;
  const uint64_t first_generation_;
  std::vector<Slot> slots_;
  std::vector<size_t> free_;  // slots without an object
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_RUNTIME_HANDLE_TABLE_H_
