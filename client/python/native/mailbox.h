// How the library's thread tells an asyncio loop that something happened: it puts an event down and makes a descriptor readable.
//
// The thread never takes the GIL, so Python at work never holds up streams, and nothing waits for Python at its end. The loop's
// thread drains. Shared by the Python object and by the callbacks, which may outlive it.
#ifndef L3LINK_CLIENT_PYTHON_NATIVE_MAILBOX_H_
#define L3LINK_CLIENT_PYTHON_NATIVE_MAILBOX_H_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/message.h"
#include "client/signal_condition.h"

namespace l3link::python {

class Mailbox {
 public:
  struct Progress {};
  struct Ended {
    absl::Status status;
  };
  using Event = std::variant<Progress, Ended, client::ReceivedBatch, absl::StatusOr<client::WaitResult>>;

  // Has a descriptor of its own, close-on-exec. UNAVAILABLE when there is none.
  static absl::StatusOr<std::shared_ptr<Mailbox>> Make();
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Any thread. `token` tells the loop whose it is.
  void Post(uint64_t token, Event event);
  // What was posted since, in order; makes the descriptor unreadable again.
  std::vector<std::pair<uint64_t, Event>> Drain();
  // Readable while something was posted and not drained.
  int descriptor() const { return descriptor_; }

 private:
  explicit Mailbox(int descriptor) : descriptor_(descriptor) {}

  const int descriptor_;
  std::mutex mutex_;
  std::vector<std::pair<uint64_t, Event>> events_;  // under mutex_
};

void BindMailbox(pybind11::module_& module);

}  // namespace l3link::python

#endif  // L3LINK_CLIENT_PYTHON_NATIVE_MAILBOX_H_
