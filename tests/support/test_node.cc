#include "tests/support/test_node.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace l3link {
namespace {

// The word after `key` in "ready grpc=... unix=...".
std::string WordAfter(const std::string& line, const std::string& key) {
  const size_t at = line.find(key);
  if (at == std::string::npos) return "";
  const size_t begin = at + key.size();
  return line.substr(begin, line.find_first_of(" \n", begin) - begin);
}

}  // namespace

TestNode::TestNode(const std::vector<std::string>& flags, const std::vector<std::string>& environment)
    : flags_(flags), environment_(environment) {
  Launch({});
  AwaitReady();
}

void TestNode::Launch(const std::vector<std::string>& more_flags) {
  ready_ = false;
  unlink(ready_path().c_str());
  ChildOptions options;
  options.arguments = {"--listen=127.0.0.1:0", "--state-dir=" + state_dir(), "--ready-file=" + ready_path()};
  options.arguments.insert(options.arguments.end(), flags_.begin(), flags_.end());
  options.arguments.insert(options.arguments.end(), more_flags.begin(), more_flags.end());
  options.environment = environment_;
  options.stdout_path = options.stderr_path = log_path();
  process_ = std::make_unique<ChildProcess>(RunfilePath("server/l3linkd"), options);
}

void TestNode::AwaitReady() {
  while (!process_->Poll()) {  // no limit here: the test's own time-out is one
    const std::string line = ReadFileOrEmpty(ready_path());
    if (!line.empty()) {
      tcp_target_ = WordAfter(line, "grpc=");
      unix_path_ = WordAfter(line, "unix=");
      ready_ = true;
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

std::shared_ptr<grpc::Channel> TestNode::Connect() const {
  return ConnectTo(tcp_target_ == "-" ? unix_target() : tcp_target_);
}

std::shared_ptr<grpc::Channel> TestNode::ConnectTo(const std::string& target) const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

int TestNode::Terminate() {
  process_->Signal(SIGTERM);
  return process_->Wait();
}

void TestNode::Kill() {
  process_->Signal(SIGKILL);
  process_->Wait();
}

void TestNode::Restart() {
  Relaunch();
  AwaitReady();
}

void TestNode::Relaunch(const std::vector<std::string>& more_flags) {
  past_.push_back(std::move(process_));
  Launch(more_flags);
}

}  // namespace l3link
