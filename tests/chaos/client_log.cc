#include "tests/chaos/client_log.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace l3link::chaos {

absl::StatusOr<ClientLog> ClientLog::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  const absl::Cleanup close_fd = [fd] { close(fd); };
  if (ftruncate(fd, sizeof(Shared)) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot enlarge ", path));
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return absl::ErrnoToStatus(errno, absl::StrCat("cannot map ", path));
  return ClientLog(static_cast<Shared*>(memory));
}

ClientLog::ClientLog(Shared* shared) : shared_(shared), staged_(shared->tail.load(std::memory_order_acquire)) {}

ClientLog::~ClientLog() {
  if (shared_ != nullptr) munmap(shared_, sizeof(Shared));
}

void ClientLog::Append(const history::Event& event, const Standing& after) {
  while (staged_ - shared_->head.load(std::memory_order_acquire) == kRecords) {
    Commit();  // the reader can only make room out of what it sees
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  shared_->records[staged_ % kRecords] = {event, after};
  ++staged_;
}

void ClientLog::Commit() { shared_->tail.store(staged_, std::memory_order_release); }

bool ClientLog::Next(history::Event* event) {
  const uint64_t head = shared_->head.load(std::memory_order_relaxed);
  if (head == shared_->tail.load(std::memory_order_acquire)) return false;
  *event = shared_->records[head % kRecords].event;
  shared_->head.store(head + 1, std::memory_order_release);
  return true;
}

Standing ClientLog::standing() const {
  for (;;) {
    const uint64_t tail = shared_->tail.load(std::memory_order_acquire);
    if (tail == 0) return {};
    const Standing after = shared_->records[(tail - 1) % kRecords].after;
    // The writer may have come round meanwhile: only a record that is still within the ring was whole.
    std::atomic_thread_fence(std::memory_order_acquire);
    if (shared_->tail.load(std::memory_order_relaxed) - tail < kRecords / 2) return after;
  }
}

}  // namespace l3link::chaos
