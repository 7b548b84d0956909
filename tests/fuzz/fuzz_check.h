// A property that a fuzzer checks: what is violated is printed, and the process ends as libFuzzer expects of a finding.
#ifndef L3LINK_TESTS_FUZZ_FUZZ_CHECK_H_
#define L3LINK_TESTS_FUZZ_FUZZ_CHECK_H_

#include <cstdio>
#include <cstdlib>
#include <string>

namespace l3link::fuzz {

[[noreturn]] inline void Violated(const char* file, int line, const char* property, const std::string& what) {
  std::fprintf(stderr, "VIOLATED %s:%d: %s: %s\n", file, line, property, what.c_str());
  std::abort();
}

}  // namespace l3link::fuzz

// `what` is evaluated only then.
#define FUZZ_CHECK(property, what)                                                  \
  do {                                                                              \
    if (!(property)) ::l3link::fuzz::Violated(__FILE__, __LINE__, #property, what); \
  } while (false)

#endif  // L3LINK_TESTS_FUZZ_FUZZ_CHECK_H_
