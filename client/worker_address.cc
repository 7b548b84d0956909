#include "client/worker_address.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace l3link::client {

WorkerAddress::WorkerAddress(std::string_view text) {
  const size_t slash = text.rfind('/');
  const std::string_view index = slash == std::string_view::npos ? text : text.substr(slash + 1);
  if (slash != std::string_view::npos) node_ = text.substr(0, slash);
  if (!absl::SimpleAtoi({index.data(), index.size()}, &worker_) || slash == 0) {
    status_ = absl::InvalidArgumentError(
        absl::StrCat("worker \"", std::string(text), "\": write NODE/WORKER, or a worker's index alone: rack-7/0, 0"));
  }
}

}  // namespace l3link::client
