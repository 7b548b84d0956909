#include "tests/bench/remote/remote_regions.h"

#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/synchronization/mutex.h"
#include "tests/bench/stopwatch.h"

namespace l3link::bench {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

// The newest value that a watch has told of.
class Latest {
 public:
  void Set(const absl::StatusOr<client::WaitResult>& result) {
    absl::MutexLock lock(&mu_);
    if (!result.ok()) {
      status_ = result.status();
    } else if (!result->values.empty()) {
      value_ = result->values[0];
    }
  }
  absl::Status Await(uint64_t target) {
    absl::MutexLock lock(&mu_);
    wanted_ = target;
    const bool came = mu_.AwaitWithTimeout(absl::Condition(
                                               +[](Latest* self) ABSL_NO_THREAD_SAFETY_ANALYSIS {
                                                 return self->value_ >= self->wanted_ || !self->status_.ok();
                                               },
                                               this),
                                           kPatience);
    if (!status_.ok()) return status_;
    return came ? absl::OkStatus() : absl::DeadlineExceededError("the chip did not answer");
  }

 private:
  absl::Mutex mu_;
  uint64_t value_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t wanted_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

absl::StatusOr<RemoteRegions::Bulk> RemoteRegions::WriteAndRead(uint64_t bytes) {
  v1::RegionConfig config;
  config.set_data_bytes(bytes);
  config.set_signal_count(1);
  auto region = signals_.OpenRegion(0, "", config);
  if (!region.ok()) return region.status();
  const auto close = absl::MakeCleanup([&] { (*region)->Close().IgnoreError(); });
  std::string there(bytes, 'z'), back(bytes, '\0');
  for (uint64_t at = 0; at + sizeof(at) <= bytes; at += 4096) std::memcpy(there.data() + at, &at, sizeof(at));
  Bulk bulk;
  // Once before it counts: the arena's pages are there from then on, as in a region that is in use.
  if (absl::Status first = (*region)->Write(0, there, kPatience); !first.ok()) return first;
  const Stopwatch write;
  if (absl::Status written = (*region)->Write(0, there, kPatience); !written.ok()) return written;
  bulk.write = static_cast<double>(bytes) / write.seconds();
  const Stopwatch read;
  if (absl::Status done = (*region)->Read(0, absl::MakeSpan(back), kPatience); !done.ok()) return done;
  bulk.read = static_cast<double>(bytes) / read.seconds();
  if (back != there) return absl::DataLossError("what was read is not what was written");
  return bulk;
}

absl::StatusOr<std::vector<double>> RemoteRegions::NotifyRoundTrips(int count) {
  return NotifyRoundTripsBeside(0, count);
}

absl::StatusOr<std::vector<double>> RemoteRegions::NotifyRoundTripsBeside(int idle, int count) {
  v1::RegionConfig config;
  config.set_data_bytes(64);
  config.set_signal_count(3);  // asked, answered, never raised
  auto region = signals_.OpenRegion(0, "pong", config);
  if (!region.ok()) return region.status();
  const auto close = absl::MakeCleanup([&] { (*region)->Close().IgnoreError(); });
  Latest latest;
  std::vector<client::WatchHandle> waits;
  for (int i = 0; i < idle; ++i) {
    auto wait = (*region)->WaitThen({{{.signal = 2, .target = 1 + static_cast<uint64_t>(i)}}}, client::Combine::kAny,
                                    absl::InfiniteDuration(), [](const auto&) {});
    if (!wait.ok()) return wait.status();
    waits.push_back(*std::move(wait));
  }
  auto watch = (*region)->Watch({{{.signal = 1, .target = 1}}}, client::Combine::kAny,
                                [&latest](const absl::StatusOr<client::WaitResult>& result) { latest.Set(result); });
  if (!watch.ok()) return watch.status();
  std::vector<double> times;
  for (int i = 1; i <= count; ++i) {
    const Stopwatch stopwatch;
    auto value = (*region)->Notify({.signal = 0, .value = static_cast<uint64_t>(i)});
    if (!value.ok()) return value.status();
    if (absl::Status answered = latest.Await(static_cast<uint64_t>(i)); !answered.ok()) return answered;
    times.push_back(stopwatch.microseconds());
  }
  return times;
}

}  // namespace l3link::bench
