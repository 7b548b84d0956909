// Fixture of the crash tests: the scenario over fresh files, and how a run is reported.
#ifndef L3LINK_TESTS_CRASH_CRASH_FIXTURE_H_
#define L3LINK_TESTS_CRASH_CRASH_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "tests/crash/crash_run.h"
#include "tests/crash/scenario.h"

namespace l3link {

class CrashTest : public testing::Test {
 protected:
  // Prints what was done, so that a reader of the log knows that it was.
  static void Report(const CrashRun& run, const std::string& name) {
    printf("%s\n", run.Summary(name).c_str());
    for (const std::string& fault : run.faults())
      ADD_FAILURE() << name << ", " << fault << "\nbefore:\n" << run.before();
    EXPECT_GT(run.counts().stores, 0u);
  }
  // That state `text` is what its reader believes: has this line or part of a line.
  static void ExpectHas(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
  }

  Daemon& daemon() { return scenario_.daemon(); }

  CrashFiles files_;
  Scenario scenario_{&files_};
};

}  // namespace l3link

#endif  // L3LINK_TESTS_CRASH_CRASH_FIXTURE_H_
