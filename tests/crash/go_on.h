// Uses a recovered daemon as its clients and its chip would: takes every message in flight on both sides, compares each with
// what the daemon says of it, sends further ones through every lane, notifies, and opens one object more.
#ifndef L3LINK_TESTS_CRASH_GO_ON_H_
#define L3LINK_TESTS_CRASH_GO_ON_H_

#include <string>

#include "tests/crash/daemon.h"

namespace l3link {

// What went wrong; empty: nothing.
std::string GoOn(Daemon& daemon);

}  // namespace l3link

#endif  // L3LINK_TESTS_CRASH_GO_ON_H_
