// What units that .bazelrc compiles with -fsanitize-coverage=trace-loads call before each of their loads.
//
// Every fuzzer links it, since most link such a unit; FreshMemory is who listens. One thread.
#ifndef L3LINK_TESTS_FUZZ_LOAD_HOOKS_H_
#define L3LINK_TESTS_FUZZ_LOAD_HOOKS_H_

#include <cstddef>

namespace l3link::fuzz {

using LoadListener = void (*)(const void* at, size_t bytes);

// Null: nobody.
void SetLoadListener(LoadListener listener);

}  // namespace l3link::fuzz

#endif  // L3LINK_TESTS_FUZZ_LOAD_HOOKS_H_
