// A real l3link-sim-chip on a real mapped file, and the arena by hand on this side: for process-level tests.
//
// One test, one thread. The file lies in a fresh directory of /dev/shm; destruction kills the process and removes the
// directory. The host's heartbeat is what the test gives it: Beat, or WaitFor, which beats.
#ifndef L3LINK_BACKENDS_SIM_CHIP_TESTING_CHIP_PROCESS_H_
#define L3LINK_BACKENDS_SIM_CHIP_TESTING_CHIP_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backends/abi/testing/hand_laid_arena.h"

namespace l3link {

// A process with its stderr in a file. Killed on destruction.
class SpawnedProcess {
 public:
  SpawnedProcess(const std::vector<std::string>& command, const std::string& stderr_path);
  ~SpawnedProcess();
  SpawnedProcess(const SpawnedProcess&) = delete;
  SpawnedProcess& operator=(const SpawnedProcess&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal);
  // Waits for the end: the exit status, or 128 + signal.
  int Wait();
  bool Running();
  std::string Stderr() const;

 private:
  pid_t pid_;
  int status_ = -1;  // once it has ended
  const std::string stderr_path_;
};

class SimChipBench {
 public:
  explicit SimChipBench(uint64_t arena_bytes = 64 << 20);
  ~SimChipBench();

  HandLaidArena& arena() { return *arena_; }
  const std::string& arena_path() const { return arena_path_; }
  const std::string& directory() const { return directory_; }

  // Starts the chip on this arena with more flags, and waits until it has attached once more.
  SpawnedProcess& Start(const std::vector<std::string>& flags);
  // The same without waiting.
  std::unique_ptr<SpawnedProcess> Launch(const std::vector<std::string>& flags);
  SpawnedProcess& chip() { return *chip_; }

  // Beats and yields until `done`; the test's own watchdog ends what never comes. Fails the test if the chip ends first.
  void WaitFor(const std::function<bool()>& done);
  HandMessage Receive(HandLane lane);

  // Removes the arena's file and makes a new one at the same path, as a node does that starts afresh.
  void ReplaceArena();

 private:
  void MakeArena();

  std::string directory_;
  std::string arena_path_;
  const uint64_t arena_bytes_;
  void* base_ = nullptr;
  std::unique_ptr<HandLaidArena> arena_;
  std::unique_ptr<SpawnedProcess> chip_;
  int started_ = 0;
};

// The path of a data dependency of the test.
std::string Runfile(const std::string& path);

}  // namespace l3link

#endif  // L3LINK_BACKENDS_SIM_CHIP_TESTING_CHIP_PROCESS_H_
