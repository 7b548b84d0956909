// What a chip program could see in an arena at the instant of a death, and what a recovery must not do to it.
//
// A chip does not stop when its daemon dies: a tail it could load it may have acted on, and a range it could find it may still
// write to. So no count that it could see is taken back, and no such range is free.
#ifndef L3LINK_TESTS_CRASH_CHIPS_EYE_H_
#define L3LINK_TESTS_CRASH_CHIPS_EYE_H_

#include <map>
#include <string>
#include <vector>

#include "backends/host/extent_allocator.h"
#include "tests/crash/daemon.h"

namespace l3link {

struct ChipsEye {
  std::map<std::string, uint64_t> counts;  // by lane: the host's tail or head; by signal: a value that the host writes
  std::vector<Extent> ranges;              // of objects and of lanes
};

// Changes nothing.
ChipsEye LookAsChip(const CrashFiles& files);

// What `daemon`, recovered, took back or set free of what was seen before; empty: nothing.
std::string FindTakenBack(const ChipsEye& seen, Daemon& daemon);

}  // namespace l3link

#endif  // L3LINK_TESTS_CRASH_CHIPS_EYE_H_
