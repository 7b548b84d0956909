// Names a worker: "NODE/WORKER", or a worker's index alone where there is one node. Plain value; any thread.
#ifndef L3LINK_CLIENT_WORKER_ADDRESS_H_
#define L3LINK_CLIENT_WORKER_ADDRESS_H_

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace l3link::client {

class WorkerAddress {
 public:
  // Implicit on purpose: OpenChannel(0, ...), OpenChannel("node-b/1", ...).
  template <std::integral Index>
  WorkerAddress(Index worker) : worker_(static_cast<uint32_t>(worker)) {}            // NOLINT
  WorkerAddress(std::string_view text);                                              // NOLINT
  WorkerAddress(const char* text) : WorkerAddress(std::string_view(text)) {}         // NOLINT
  WorkerAddress(const std::string& text) : WorkerAddress(std::string_view(text)) {}  // NOLINT
  WorkerAddress(std::string_view node, uint32_t worker) : node_(node), worker_(worker) {}

  // Whether the text could be read; the error is INVALID_ARGUMENT and shows the form.
  const absl::Status& status() const { return status_; }
  const std::string& node() const { return node_; }  // empty: the only node
  uint32_t worker() const { return worker_; }

 private:
  absl::Status status_;
  std::string node_;
  uint32_t worker_ = 0;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_WORKER_ADDRESS_H_
