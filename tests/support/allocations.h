// Counts a thread's large allocations by operator new: what a string or vector takes that a payload is copied into.
//
// Replaces operator new and delete of the program that links it.
#ifndef L3LINK_TESTS_SUPPORT_ALLOCATIONS_H_
#define L3LINK_TESTS_SUPPORT_ALLOCATIONS_H_

#include <cstddef>

namespace l3link {

// From its construction to its end, of the thread that made it, `at_least` bytes or more each. One a thread at a time.
class LargeAllocations {
 public:
  explicit LargeAllocations(size_t at_least);
  ~LargeAllocations();
  LargeAllocations(const LargeAllocations&) = delete;
  LargeAllocations& operator=(const LargeAllocations&) = delete;

  size_t count() const;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_SUPPORT_ALLOCATIONS_H_
