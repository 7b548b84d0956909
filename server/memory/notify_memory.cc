#include "server/memory/notify_memory.h"

#include "absl/strings/str_cat.h"

namespace l3link {
namespace {

std::string KeyOf(uint64_t generation, absl::string_view request_id) {
  return absl::StrCat(generation, "/", request_id);
}

}  // namespace

absl::optional<NotifyMemory::Done> NotifyMemory::Find(uint64_t generation, absl::string_view request_id) const {
  auto found = done_.find(KeyOf(generation, request_id));
  if (found == done_.end()) return absl::nullopt;
  return found->second;
}

void NotifyMemory::Remember(uint64_t generation, absl::string_view request_id, const Done& done) {
  if (done_.size() == most_) {
    done_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
  std::string key = KeyOf(generation, request_id);
  oldest_first_.push_back(key);
  done_.emplace(std::move(key), done);
}

}  // namespace l3link
