// One partition_client process: started in the namespace of the thread that makes it, with its output in a file and its log.
#ifndef L3LINK_TESTS_PARTITION_ACTOR_H_
#define L3LINK_TESTS_PARTITION_ACTOR_H_

#include <signal.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/chaos/client_log.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace l3link::partition {

class Actor {
 public:
  // `arguments` without --log; files go to `path`.out and `path`.log.
  Actor(const std::string& path, std::vector<std::string> arguments)
      : out_(path + ".out"), log_(*chaos::ClientLog::Open(path + ".log")) {
    arguments.push_back("--log=" + path + ".log");
    ChildOptions options;
    options.arguments = std::move(arguments);
    options.stdout_path = options.stderr_path = out_;
    process_ = std::make_unique<ChildProcess>(RunfilePath("tests/partition/partition_client"), options);
  }

  chaos::ClientLog& log() { return log_; }
  uint64_t published() const { return log_.standing().published; }
  uint64_t received() const { return log_.standing().received; }
  void LetSend(uint64_t through) { log_.sendable().store(through, std::memory_order_relaxed); }

  std::string said() const { return ReadFileOrEmpty(out_); }
  // How many of its lines begin with `words`.
  int CountOf(const std::string& words) const {
    int count = 0;
    const std::string all = "\n" + said();
    for (size_t at = all.find("\n" + words); at != std::string::npos; at = all.find("\n" + words, at + 1)) ++count;
    return count;
  }
  // The word after `key=` in its last line that begins with `line`; empty: it is not there.
  std::string Told(const std::string& line, const std::string& key) const {
    const std::string all = "\n" + said();
    const size_t begin = all.rfind("\n" + line);
    if (begin == std::string::npos) return "";
    const std::string words = all.substr(begin, all.find('\n', begin + 1) - begin) + " ";
    const size_t at = words.find(" " + key + "=");
    if (at == std::string::npos) return "";
    const size_t value = at + key.size() + 2;
    return words.substr(value, words.find(' ', value) - value);
  }

  void Signal(int signal) { process_->Signal(signal); }
  bool ended() { return process_->Poll().has_value(); }
  int Wait() { return process_->Wait(); }
  // Asks it to come to an end; its exit status.
  int Finish() {
    Signal(SIGTERM);
    return Wait();
  }

 private:
  const std::string out_;
  chaos::ClientLog log_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace l3link::partition

#endif  // L3LINK_TESTS_PARTITION_ACTOR_H_
