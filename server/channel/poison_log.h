// What a chip did wrong, into the node's log as well: told once by each call that the lane's poison ended.
#ifndef L3LINK_SERVER_CHANNEL_POISON_LOG_H_
#define L3LINK_SERVER_CHANNEL_POISON_LOG_H_

#include <spdlog/spdlog.h>

#include <string>

#include "absl/status/status.h"
#include "backends/host/refusal.h"
#include "backends/worker/chip_worker.h"

namespace l3link {

inline void LogIfPoison(const ChipWorker& worker, const std::string& channel, const absl::Status& status) {
  if (!IsRefusal(status, Reason::kLANE_POISONED)) return;
  spdlog::error("channel {}/{}: {}", worker.worker_id(), channel, std::string(status.message()));
}

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_POISON_LOG_H_
