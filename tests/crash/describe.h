// What a daemon knows after a recovery, as text: two daemons that say the same are in the same state.
//
// In it: every object with its place, every lane with positions, session, epoch and each message in flight bit for bit, every
// region with signals and data, the directory as a chip reads it, the quarantine, and the space that all this takes.
#ifndef L3LINK_TESTS_CRASH_DESCRIBE_H_
#define L3LINK_TESTS_CRASH_DESCRIBE_H_

#include <string>
#include <vector>

#include "tests/crash/daemon.h"

namespace l3link {

std::string Describe(Daemon& daemon);

// Of everything that is open and everything in the quarantine; sorted, neighbours joined.
std::vector<Extent> OccupiedRanges(Daemon& daemon);

// What cannot be true whatever was interrupted: poison, words of the host's that are not what it believes (an audit), a directory that is not the table's, ranges that overlap or leave the
// arena, space that is nobody's. Empty: nothing.
std::string FindFault(Daemon& daemon);

}  // namespace l3link

#endif  // L3LINK_TESTS_CRASH_DESCRIBE_H_
