#include "backends/sim/chip/testing/chip_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "gtest/gtest.h"

extern char** environ;

namespace l3link {

std::string Runfile(const std::string& path) {
  const char* root = getenv("TEST_SRCDIR");
  return root == nullptr ? path : std::string(root) + "/l3link/" + path;
}

SpawnedProcess::SpawnedProcess(const std::vector<std::string>& command, const std::string& stderr_path)
    : stderr_path_(stderr_path) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 2, stderr_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int error = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    ADD_FAILURE() << "cannot start " << command[0] << ": " << strerror(error);
    status_ = 127;
  }
}

SpawnedProcess::~SpawnedProcess() {
  if (!Running()) return;
  Signal(SIGKILL);
  Wait();
}

void SpawnedProcess::Signal(int signal) {
  if (status_ < 0) kill(pid_, signal);
}

bool SpawnedProcess::Running() {
  int status;
  if (status_ < 0 && waitpid(pid_, &status, WNOHANG) == pid_)
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return status_ < 0;
}

int SpawnedProcess::Wait() {
  int status;
  if (status_ < 0 && waitpid(pid_, &status, 0) == pid_)
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return status_;
}

std::string SpawnedProcess::Stderr() const {
  std::stringstream text;
  text << std::ifstream(stderr_path_).rdbuf();
  return text.str();
}

SimChipBench::SimChipBench(uint64_t arena_bytes) : arena_bytes_(arena_bytes) {
  char path[] = "/dev/shm/l3link-chip-test-XXXXXX";
  if (mkdtemp(path) == nullptr) ADD_FAILURE() << "mkdtemp: " << strerror(errno);
  directory_ = path;
  arena_path_ = directory_ + "/arena";
  MakeArena();
}

SimChipBench::~SimChipBench() {
  chip_.reset();
  munmap(base_, arena_bytes_);
  std::filesystem::remove_all(directory_);
}

void SimChipBench::MakeArena() {
  if (base_ != nullptr) munmap(base_, arena_bytes_);
  const std::string fresh = arena_path_ + ".new";
  const int fd = open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  EXPECT_GE(fd, 0);
  EXPECT_EQ(posix_fallocate(fd, 0, arena_bytes_), 0) << "no room in /dev/shm";
  base_ = mmap(nullptr, arena_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  EXPECT_NE(base_, MAP_FAILED);
  close(fd);
  arena_ = std::make_unique<HandLaidArena>(base_, arena_bytes_, 2048);
  std::filesystem::rename(fresh, arena_path_);
}

void SimChipBench::ReplaceArena() { MakeArena(); }

std::unique_ptr<SpawnedProcess> SimChipBench::Launch(const std::vector<std::string>& flags) {
  std::vector<std::string> command = {Runfile("backends/sim/chip/l3link-sim-chip"), "--arena", arena_path_};
  command.insert(command.end(), flags.begin(), flags.end());
  return std::make_unique<SpawnedProcess>(command, directory_ + "/stderr." + std::to_string(started_++));
}

SpawnedProcess& SimChipBench::Start(const std::vector<std::string>& flags) {
  const uint64_t attached = __atomic_load_n(&arena_->header().chip.attach_count, __ATOMIC_ACQUIRE);
  chip_.reset();
  chip_ = Launch(flags);
  WaitFor([&] { return __atomic_load_n(&arena_->header().chip.attach_count, __ATOMIC_ACQUIRE) > attached; });
  return *chip_;
}

void SimChipBench::WaitFor(const std::function<bool()>& done) {
  while (!done()) {
    if (chip_ != nullptr && !chip_->Running() && !done()) {
      FAIL() << "the chip ended with " << chip_->Wait() << ": " << chip_->Stderr();
    }
    arena_->Beat();
    usleep(100);
  }
}

HandMessage SimChipBench::Receive(HandLane lane) {
  std::optional<HandMessage> message;
  WaitFor([&] { return (message = arena_->Receive(lane)).has_value(); });
  return message.value_or(HandMessage{});
}

}  // namespace l3link
