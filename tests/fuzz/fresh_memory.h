// Shared memory as the worst chip has it: each load by the host's lane views may find other bytes than the one before.
//
// The host's lane views are compiled so that they tell before each of their loads (load_hooks.h), those that a compiler made of one
// in the source among them. The fuzzer decides there what the load finds. One at a time in a process; one thread.
//
// The chip's honest state is kept apart: it is what a load finds that is not lied to, also after others were.
#ifndef L3LINK_TESTS_FUZZ_FRESH_MEMORY_H_
#define L3LINK_TESTS_FUZZ_FRESH_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace l3link::fuzz {

class FreshMemory {
 public:
  // Decides what a load of [offset, offset + bytes) finds: may change `value`, which is the honest one. True: it has.
  using Lie = std::function<bool(size_t offset, size_t bytes, uint64_t* value)>;

  // Zeroed whole pages; what lies beside them must not be touched.
  explicit FreshMemory(size_t bytes);
  ~FreshMemory();
  FreshMemory(const FreshMemory&) = delete;
  FreshMemory& operator=(const FreshMemory&) = delete;

  std::byte* base() const { return base_; }
  // Nobody may touch this part either: AddressSanitizer sees to it.
  void Forbid(size_t offset, size_t bytes);

  // From here on loads are asked for; until then nothing is watched.
  void Watch(Lie lie);
  // Everything is as the honest chip and the host have stored it.
  void Rest();

  // Offsets of the loads since Watch, in order.
  const std::vector<size_t>& loads() const { return loads_; }
  // How often a load found something else than what was there.
  size_t lies() const { return lies_; }

  void OnLoad(const void* at, size_t bytes);

 private:
  void Undo();

  const size_t bytes_;
  std::byte* const base_;
  Lie lie_;
  std::vector<size_t> loads_;
  size_t lies_ = 0;
  // The newest lie: where, what was there, and what is there instead.
  size_t lied_at_ = 0;
  size_t lied_bytes_ = 0;
  uint64_t honest_ = 0;
  uint64_t lied_ = 0;
};

}  // namespace l3link::fuzz

#endif  // L3LINK_TESTS_FUZZ_FRESH_MEMORY_H_
