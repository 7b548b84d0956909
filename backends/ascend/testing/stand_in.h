// What the stand-ins for the vendor's libraries share: every call is noted, and fails or takes long where it is told to.
//
// Told by variables, so that a test can tell them in its own process and in a daemon's. Compiled into each stand-in; standard
// library alone, since their symbols are global.
//   STAND_IN_FAIL     NAME=CODE,...: those calls do nothing and return CODE
//   STAND_IN_LOG      a file, to which each call adds "NAME ARGUMENT"
//   STAND_IN_SLOW_MS  how long each call takes
//   STAND_IN_DIR      where device memory is, as device-N, for a chip process to map. Default: a file without a name
#ifndef L3LINK_BACKENDS_ASCEND_TESTING_STAND_IN_H_
#define L3LINK_BACKENDS_ASCEND_TESTING_STAND_IN_H_

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#define STAND_IN_API extern "C" __attribute__((visibility("default")))

namespace stand_in {

inline std::string Told(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? "" : text;
}

// One write a line: threads do not mix theirs.
inline void Note(const std::string& line) {
  const std::string path = Told("STAND_IN_LOG");
  if (path.empty()) return;
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const std::string whole = line + "\n";
  if (fd < 0 || write(fd, whole.data(), whole.size()) < 0) std::abort();
  close(fd);
}

// True: return *code and do nothing.
inline bool Fails(const std::string& name, const std::string& argument, int* code) {
  Note(name + " " + argument);
  usleep(1000 * static_cast<unsigned>(std::atoi(Told("STAND_IN_SLOW_MS").c_str())));
  const std::string told = "," + Told("STAND_IN_FAIL");
  const size_t at = told.find("," + name + "=");
  if (at == std::string::npos) return false;
  *code = std::atoi(told.c_str() + at + name.size() + 2);
  return true;
}

}  // namespace stand_in

#endif  // L3LINK_BACKENDS_ASCEND_TESTING_STAND_IN_H_
