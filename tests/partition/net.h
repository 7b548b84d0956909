// Two network namespaces joined by a wire (veth): the node's and the clients'; and the faults on it.
//
// The namespaces have no names and no files: they live as long as this object or a process inside, so nothing of them is left
// however the test ends. No packet leaves them. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN; used by the thread that made it.
#ifndef L3LINK_TESTS_PARTITION_NET_H_
#define L3LINK_TESTS_PARTITION_NET_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/partition/fault.h"

namespace l3link::partition {

class Net {
 public:
  // Errors: PERMISSION_DENIED or UNIMPLEMENTED, in words, where the machine does not let or cannot.
  static absl::StatusOr<std::unique_ptr<Net>> Make();
  ~Net();
  Net(const Net&) = delete;
  Net& operator=(const Net&) = delete;

  std::string node_target() const { return "10.77.0.1:50051"; }

  // While it lives, the thread that made it is in one of the namespaces, and so is every process that it starts.
  class Inside {
   public:
    explicit Inside(const Net& net, bool node);
    ~Inside();
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    const int home_;
  };

  // Only faults of the network; one at a time.
  absl::Status Impose(Fault fault);
  absl::Status Heal();

 private:
  Net() = default;
  absl::Status Build();
  absl::Status Filter(bool node, const std::string& rules);
  absl::Status Run(bool node, const std::string& command, const std::string& input = "");

  int home_ = -1;
  int node_ = -1;
  int clients_ = -1;
};

}  // namespace l3link::partition

#endif  // L3LINK_TESTS_PARTITION_NET_H_
