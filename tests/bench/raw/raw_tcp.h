// A bare TCP connection over loopback: what the kernel alone can do, shown beside bulk figures.
#ifndef L3LINK_TESTS_BENCH_RAW_RAW_TCP_H_
#define L3LINK_TESTS_BENCH_RAW_RAW_TCP_H_

#include <cstdint>

#include "absl/status/statusor.h"

namespace l3link::bench {

// Bytes a second from this process to a forked one that reads them all.
absl::StatusOr<double> TcpSend(uint64_t bytes);

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_RAW_RAW_TCP_H_
