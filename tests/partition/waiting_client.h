// An orchestrator that waits on a region: one wait without end on signal 0, a watch of signal 1, and, one after the other, waits
// for what never comes on signal 2. Says on stdout what it sees.
//
// The process' main thread; callbacks come on the library's.
#ifndef L3LINK_TESTS_PARTITION_WAITING_CLIENT_H_
#define L3LINK_TESTS_PARTITION_WAITING_CLIENT_H_

#include <atomic>
#include <string>

#include "absl/status/status.h"

namespace l3link::partition {

// "woke value=V" once, "saw value=V" for each value of the watch, at the end "closed waits=N"; an error if a wait ended before
// its time, with a failure, or as satisfied; if the watched value went back; or if wait or watch failed.
absl::Status WaitUntilStopped(const std::string& target, const std::string& region, const std::atomic<bool>& stop);

}  // namespace l3link::partition

#endif  // L3LINK_TESTS_PARTITION_WAITING_CLIENT_H_
