#include "tests/support/allocations.h"

#include <cstdint>
#include <cstdlib>
#include <new>

namespace l3link {
namespace {

thread_local size_t counted_from = SIZE_MAX;
thread_local size_t counted = 0;

}  // namespace

LargeAllocations::LargeAllocations(size_t at_least) {
  counted = 0;
  counted_from = at_least;
}

LargeAllocations::~LargeAllocations() { counted_from = SIZE_MAX; }

size_t LargeAllocations::count() const { return counted; }

}  // namespace l3link

// The other forms but the aligned ones, which strings and vectors of bytes have no use for, come down to these.
void* operator new(size_t bytes) {
  if (bytes >= l3link::counted_from) ++l3link::counted;
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
