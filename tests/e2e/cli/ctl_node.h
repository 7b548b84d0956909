// A real node and the real l3linkctl against it, for the tests of this folder.
#ifndef L3LINK_TESTS_E2E_CLI_CTL_NODE_H_
#define L3LINK_TESTS_E2E_CLI_CTL_NODE_H_

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/test_node.h"

namespace l3link {

class CtlNode {
 public:
  explicit CtlNode(const std::vector<std::string>& flags) : node_(flags) {}

  TestNode& node() { return node_; }

  // l3linkctl with these arguments over the unix socket, to its end.
  Finished Ctl(const std::vector<std::string>& arguments, const std::string& input = "");
  // The same with -o json; what it wrote to stdout (or, when that is empty, to stderr) as JSON.
  nlohmann::json CtlJson(std::vector<std::string> arguments);
  // In the background, its output in files.
  std::unique_ptr<ChildProcess> StartCtl(const std::vector<std::string>& arguments, const std::string& stdout_path);

 private:
  TestNode node_;
};

// Until `done` answers true; the test's own watchdog bounds it.
void AwaitTrue(const std::function<bool()>& done);

}  // namespace l3link

#endif  // L3LINK_TESTS_E2E_CLI_CTL_NODE_H_
