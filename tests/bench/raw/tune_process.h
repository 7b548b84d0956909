#ifndef L3LINK_TESTS_BENCH_RAW_TUNE_PROCESS_H_
#define L3LINK_TESTS_BENCH_RAW_TUNE_PROCESS_H_

namespace l3link::bench {

// For each process that sends or receives, before anything else. Blocks of some MB are kept instead of mapped and faulted anew
// for each: what glibc does by default costs bulk streams most of their speed. And nobody looks for lock cycles.
void TuneProcess();

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_RAW_TUNE_PROCESS_H_
