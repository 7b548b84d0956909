#include "tests/bench/lanes/boost_ring.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/lockfree/spsc_queue.hpp>
#include <functional>
#include <memory>
#include <new>
#include <vector>

#include "tests/bench/lanes/work.h"
#include "tests/bench/stopwatch.h"

namespace l3link::bench {
namespace {

constexpr size_t kBatch = 64;

// A line of its own for each, or whole lines: two sides on one line would slow boost down.
template <size_t kBytes>
struct alignas(64) Slot {
  std::array<char, kBytes> bytes;
};

template <size_t kBytes>
using Ring = boost::lockfree::spsc_queue<Slot<kBytes>, boost::lockfree::capacity<(kBytes >= 4096 ? 256 : 1024)>>;

// An object in memory that a forked process shares.
template <typename T>
class Shared {
 public:
  Shared() : at_(mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (at_ != MAP_FAILED) new (at_) T();
  }
  ~Shared() {
    if (at_ != MAP_FAILED) munmap(at_, sizeof(T));
  }
  bool ok() const { return at_ != MAP_FAILED; }
  T* operator->() { return static_cast<T*>(at_); }

 private:
  void* const at_;
};

// Runs `child` in a process of its own and `parent` here. Both spin on what they share.
absl::Status InTwoProcesses(const std::function<void()>& child, const std::function<void()>& parent) {
  const pid_t pid = fork();
  if (pid < 0) return absl::InternalError("fork failed");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // it spins, and would for ever
    child();
    _exit(0);
  }
  parent();
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || status != 0) return absl::InternalError("the other process failed");
  return absl::OkStatus();
}

template <size_t kBytes>
void PushEach(Ring<kBytes>& ring, uint64_t count) {
  Slot<kBytes> slot;
  for (uint64_t number = 0; number < count; ++number) {
    l3_bench_make(slot.bytes.data(), kBytes, number);
    while (!ring.push(slot)) {
    }
  }
}

template <size_t kBytes>
void PushBatches(Ring<kBytes>& ring, uint64_t count) {
  std::vector<Slot<kBytes>> batch(kBatch);
  for (uint64_t sent = 0; sent < count;) {
    const size_t made = static_cast<size_t>(std::min<uint64_t>(kBatch, count - sent));
    for (size_t i = 0; i < made; ++i) l3_bench_make(batch[i].bytes.data(), kBytes, sent + i);
    for (size_t pushed = 0; pushed < made;) pushed += ring.push(batch.data() + pushed, made - pushed);
    sent += made;
  }
}

template <size_t kBytes>
absl::StatusOr<double> OneWay(BoostWay way) {
  struct World {
    Ring<kBytes> ring;
    std::atomic<uint64_t> sum{0};
  };
  Shared<World> world;
  if (!world.ok()) return absl::ResourceExhaustedError("no shared memory");
  const uint64_t count = l3_bench_messages_of(kBytes);
  double seconds = 0;
  const absl::Status status = InTwoProcesses(
      [&] {
        uint64_t sum = 0, received = 0;
        while (received < count) {
          received += world->ring.consume_all(
              [&](const Slot<kBytes>& slot) { sum += l3_bench_sum(slot.bytes.data(), kBytes); });
        }
        world->sum.store(sum, std::memory_order_release);
      },
      [&] {
        const Stopwatch watch;
        way == BoostWay::kEach ? PushEach<kBytes>(world->ring, count) : PushBatches<kBytes>(world->ring, count);
        while (world->sum.load(std::memory_order_acquire) == 0) {
        }
        seconds = watch.seconds();
      });
  if (!status.ok()) return status;
  if (world->sum.load() != l3_bench_expected_sum(count, kBytes)) return absl::DataLossError("the sum is wrong");
  return static_cast<double>(count) / seconds;
}

}  // namespace

absl::StatusOr<double> BoostOneWay(BoostWay way, uint32_t bytes) {
  if (bytes == 64) return OneWay<64>(way);
  if (bytes == 104) return OneWay<104>(way);
  if (bytes == 256) return OneWay<256>(way);
  return OneWay<4096>(way);
}

absl::StatusOr<double> BoostRoundTrip(uint32_t count) {
  struct World {
    Ring<64> there, back;
  };
  Shared<World> world;
  if (!world.ok()) return absl::ResourceExhaustedError("no shared memory");
  std::vector<double> times;
  const absl::Status status = InTwoProcesses(
      [&] {
        for (uint32_t i = 0; i < count; ++i) {
          Slot<64> slot;
          while (!world->there.pop(slot)) {
          }
          while (!world->back.push(slot)) {
          }
        }
      },
      [&] {
        Slot<64> slot;
        l3_bench_make(slot.bytes.data(), slot.bytes.size(), 0);
        for (uint32_t i = 0; i < count; ++i) {
          const Stopwatch watch;
          while (!world->there.push(slot)) {
          }
          while (!world->back.pop(slot)) {
          }
          times.push_back(watch.microseconds());
        }
      });
  if (!status.ok()) return status;
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
}

}  // namespace l3link::bench
