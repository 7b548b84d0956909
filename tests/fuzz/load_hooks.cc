#include "tests/fuzz/load_hooks.h"

#include <cstdint>

namespace l3link::fuzz {
namespace {

LoadListener listener = nullptr;

void Tell(const void* at, size_t bytes) {
  if (listener != nullptr) listener(at, bytes);
}

}  // namespace

void SetLoadListener(LoadListener to) { listener = to; }

}  // namespace l3link::fuzz

// The names are those of clang's SanitizerCoverage.
extern "C" {
void __sanitizer_cov_load1(uint8_t* at) { l3link::fuzz::Tell(at, 1); }
void __sanitizer_cov_load2(uint16_t* at) { l3link::fuzz::Tell(at, 2); }
void __sanitizer_cov_load4(uint32_t* at) { l3link::fuzz::Tell(at, 4); }
void __sanitizer_cov_load8(uint64_t* at) { l3link::fuzz::Tell(at, 8); }
void __sanitizer_cov_load16(__uint128_t* at) { l3link::fuzz::Tell(at, 16); }
}
