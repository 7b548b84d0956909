#include "tests/e2e/cli/ctl_node.h"

#include <chrono>
#include <thread>

namespace l3link {
namespace {

constexpr char kCtl[] = "client/cli/l3linkctl";

}  // namespace

Finished CtlNode::Ctl(const std::vector<std::string>& arguments, const std::string& input) {
  return RunToEnd(RunfilePath(kCtl), arguments, {"L3LINK_TARGET=" + node_.unix_target()}, input);
}

nlohmann::json CtlNode::CtlJson(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"-o", "json"});
  const Finished finished = Ctl(arguments);
  return nlohmann::json::parse(finished.out.empty() ? finished.err : finished.out, nullptr, /*allow_exceptions=*/false);
}

std::unique_ptr<ChildProcess> CtlNode::StartCtl(const std::vector<std::string>& arguments,
                                                const std::string& stdout_path) {
  ChildOptions options;
  options.arguments = arguments;
  options.environment = {"L3LINK_TARGET=" + node_.unix_target()};
  options.stdout_path = stdout_path;
  return std::make_unique<ChildProcess>(RunfilePath(kCtl), options);
}

void AwaitTrue(const std::function<bool()>& done) {
  while (!done()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

}  // namespace l3link
