// Which notifies were done under a request_id, so that a repeat is answered and not done again. Bounded: the oldest go first.
//
// One a chip worker, used under its lock.
#ifndef L3LINK_SERVER_MEMORY_NOTIFY_MEMORY_H_
#define L3LINK_SERVER_MEMORY_NOTIFY_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "backends/host/signal.h"

namespace l3link {

class NotifyMemory {
 public:
  explicit NotifyMemory(size_t most) : most_(most) {}

  struct Done {
    Notification notification;
    uint64_t value;        // of the signal, afterwards
    bool unknown = false;  // whether it was done at all
  };

  // What was done under this id on the region of that generation.
  absl::optional<Done> Find(uint64_t generation, absl::string_view request_id) const;
  // The id is not known yet.
  void Remember(uint64_t generation, absl::string_view request_id, const Done& done);

  size_t size() const { return done_.size(); }

 private:
  const size_t most_;
  absl::flat_hash_map<std::string, Done> done_;
  std::deque<std::string> oldest_first_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_NOTIFY_MEMORY_H_
