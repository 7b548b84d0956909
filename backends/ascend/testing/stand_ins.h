// For tests: where the stand-ins for the vendor's libraries are, what they are told, and what was called.
#ifndef L3LINK_BACKENDS_ASCEND_TESTING_STAND_INS_H_
#define L3LINK_BACKENDS_ASCEND_TESTING_STAND_INS_H_

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "backends/ascend/ascend_options.h"

namespace l3link {

// The absolute path of a stand-in: libascend_hal.so, libascendcl.so, libincomplete_hal.so.
inline std::string StandInPath(const std::string& name) {
  char folder[4096];
  if (getcwd(folder, sizeof(folder)) == nullptr) std::abort();
  return std::string(folder) + "/backends/ascend/testing/" + name;
}

inline AscendOptions StandInOptions() { return {StandInPath("libascend_hal.so"), StandInPath("libascendcl.so")}; }

// Tells the stand-ins of this process, until it ends. Threads that call them begin later and have ended by then.
class StandIns {
 public:
  // Device memory and the list of calls are files in `folder`.
  explicit StandIns(const std::string& folder) : log_path_(folder + "/calls") {
    setenv("STAND_IN_LOG", log_path_.c_str(), 1);
    setenv("STAND_IN_DIR", folder.c_str(), 1);
  }
  ~StandIns() {
    for (const char* variable : {"STAND_IN_LOG", "STAND_IN_DIR", "STAND_IN_FAIL", "STAND_IN_SLOW_MS"})
      unsetenv(variable);
  }
  StandIns(const StandIns&) = delete;
  StandIns& operator=(const StandIns&) = delete;

  // "aclrtMalloc=7,aclrtFree=8"; "": nothing fails.
  void Fail(const std::string& calls) { setenv("STAND_IN_FAIL", calls.c_str(), 1); }
  void Slow(int milliseconds) { setenv("STAND_IN_SLOW_MS", std::to_string(milliseconds).c_str(), 1); }

  // Since the last time, in order: "aclrtMalloc 4096".
  std::vector<std::string> Calls() {
    std::vector<std::string> calls;
    std::ifstream log(log_path_);
    for (std::string line; std::getline(log, line);) calls.push_back(line);
    unlink(log_path_.c_str());
    return calls;
  }

 private:
  const std::string log_path_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_ASCEND_TESTING_STAND_INS_H_
