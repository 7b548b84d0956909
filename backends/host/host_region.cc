#include "backends/host/host_region.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

constexpr size_t kLineBytes = 64;
// Less is better found in the cache by the chip.
constexpr size_t kPastCacheBytes = 8 << 10;

// Copies whole lines to where one begins. A cached store first fetches the line that it is about to overwrite, half of the
// memory's bandwidth for bytes that nobody wants: these stores go past the cache, where the processor can.
void CopyLines(std::byte* to, const std::byte* from, size_t bytes) {
#ifdef __SSE2__
  for (const std::byte* const end = from + bytes; from != end; from += kLineBytes, to += kLineBytes) {
    const auto* const source = reinterpret_cast<const __m128i*>(from);
    auto* const line = reinterpret_cast<__m128i*>(to);
    const __m128i a = _mm_loadu_si128(source), b = _mm_loadu_si128(source + 1);
    const __m128i c = _mm_loadu_si128(source + 2), d = _mm_loadu_si128(source + 3);
    _mm_stream_si128(line, a);
    _mm_stream_si128(line + 1, b);
    _mm_stream_si128(line + 2, c);
    _mm_stream_si128(line + 3, d);
  }
  _mm_sfence();  // no release store, such as a signal's, orders them
#else
  std::memcpy(to, from, bytes);
#endif
}

void CopyBulk(std::byte* to, const std::byte* from, size_t bytes) {
  const size_t before = -reinterpret_cast<uintptr_t>(to) % kLineBytes;
  const size_t lines = (bytes - before) / kLineBytes * kLineBytes;
  std::memcpy(to, from, before);
  CopyLines(to + before, from + before, lines);
  std::memcpy(to + before + lines, from + before + lines, bytes - before - lines);
}

}  // namespace

HostRegion::HostRegion(const Place& place, uint64_t generation, const std::string& name, const RegionConfig& config,
                       bool shared_rmw, HostBell* bell)
    : offset_(place.offset),
      head_(reinterpret_cast<l3_region_head*>(place.arena + offset_)),
      writers_(reinterpret_cast<uint8_t*>(place.arena + offset_ + L3_REGION_WRITERS_AT)),
      signals_(reinterpret_cast<l3_signal*>(place.arena + offset_ + l3_region_signals_at(config.signal_count()))),
      data_(place.arena + offset_ + l3_region_data_at(config.signal_count())),
      generation_(generation),
      name_(name),
      config_(config),
      shared_rmw_(shared_rmw),
      block_(place.block),
      bell_(bell),
      journal_(place.journal, config.signal_count()) {}

void HostRegion::Begin() {
  WriteShape();
  // Not from the arena, where the chip may have changed them by now.
  std::vector<uint8_t> writers;
  for (SignalWriter writer : config_.signal_writers) writers.push_back(static_cast<uint8_t>(writer));
  journal_.Begin(generation_, writers);
}

void HostRegion::Recover() {
  rung_ = l3_load_relaxed_u32(&head_->host.rung);
  seen_ = l3_load_relaxed_u32(&head_->host.seen);
  if (!journal_.Load() || journal_.hot().generation != generation_) {
    return SetPoison(PoisonReason::kRecovery, "the journal's record of it is not whole");
  }
  if (journal_.hot().poison != 0) {
    poison_ = FormerPoison(journal_.hot().poison);
    return;
  }
  const std::string fault = RestoreSignals();
  if (!fault.empty()) SetPoison(PoisonReason::kRecovery, fault);
}

// At most one signal may lag behind the journal: the one that the earlier daemon was about to store.
std::string HostRegion::RestoreSignals() {
  int behind = 0;
  for (uint32_t i = 0; i < signal_count(); ++i) {
    if (config_.signal_writers[i] != SignalWriter::kHost) continue;
    const uint64_t found = l3_load_relaxed_u64(&signals_[i].value);
    if (found == journal_.Value(i)) continue;
    if (++behind > 1) return absl::StrCat("signal ", i, " is ", found, ", the host wrote ", journal_.Value(i));
    l3_store_release_u64(&signals_[i].value, journal_.Value(i));  // pairs with l3_signal_load
  }
  return "";
}

void HostRegion::WriteShape() {
  l3_region_shape& shape = head_->shape;
  shape.generation = generation_;
  shape.data_bytes = config_.data_bytes;
  shape.signals_at = l3_region_signals_at(signal_count());
  shape.data_at = l3_region_data_at(signal_count());
  shape.signal_count = signal_count();
  for (uint32_t i = 0; i < signal_count(); ++i) writers_[i] = static_cast<uint8_t>(config_.signal_writers[i]);
}

uint64_t HostRegion::bytes() const {
  return l3_align_up(l3_region_data_at(signal_count()) + config_.data_bytes, L3_PAGE_BYTES);
}

absl::Status HostRegion::CheckRange(uint64_t offset, uint64_t length) const {
  // No sum of the two: it may wrap.
  if (offset <= config_.data_bytes && length <= config_.data_bytes - offset) return absl::OkStatus();
  return Refuse(Reason::kRANGE_OUT_OF_REGION,
                absl::StrCat("region ", name_, ": offset ", offset, " with length ", length,
                             " is outside of data_bytes ", config_.data_bytes),
                {{"region", name_},
                 {"offset", absl::StrCat(offset)},
                 {"length", absl::StrCat(length)},
                 {"data_bytes", absl::StrCat(config_.data_bytes)}});
}

absl::Status HostRegion::CheckCondition(const Condition& condition) const {
  if (condition.signal < signal_count()) return absl::OkStatus();
  return Refuse(
      Reason::kSIGNAL_NOT_FOUND,
      absl::StrCat("region ", name_, ": signal ", condition.signal, " is not below signal_count ", signal_count()),
      {{"region", name_}, {"signal", absl::StrCat(condition.signal)}, {"signal_count", absl::StrCat(signal_count())}});
}

absl::Status HostRegion::CheckNotify(const Notification& notification) const {
  absl::Status status = CheckCondition({notification.signal, Comparison::kGe, 0});
  if (!status.ok()) return status;
  const SignalWriter writer = config_.signal_writers[notification.signal];
  if (writer == SignalWriter::kChip) {
    return Refuse(Reason::kSIGNAL_NOT_HOST_WRITTEN,
                  absl::StrCat("region ", name_, ": signal ", notification.signal, " is written by the chip alone"),
                  {{"region", name_}, {"signal", absl::StrCat(notification.signal)}, {"writer", "CHIP"}});
  }
  if (writer == SignalWriter::kBoth && notification.op != NotifyOp::kSet && !shared_rmw_) {
    return Refuse(Reason::kSHARED_RMW_UNSUPPORTED,
                  absl::StrCat("region ", name_, ": ADD and MAX on signal ", notification.signal,
                               ", which both sides write, need shared_rmw, which this platform lacks"),
                  {{"region", name_}, {"signal", absl::StrCat(notification.signal)}, {"writer", "BOTH"}});
  }
  return absl::OkStatus();
}

void HostRegion::Read(uint64_t offset, absl::Span<std::byte> out) const {
  if (!out.empty()) std::memcpy(out.data(), data_ + offset, out.size());
}

void HostRegion::Write(uint64_t offset, absl::Span<const std::byte> data) {
  if (data.size() >= kPastCacheBytes) {
    CopyBulk(data_ + offset, data.data(), data.size());
  } else if (!data.empty()) {
    std::memcpy(data_ + offset, data.data(), data.size());
  }
}

absl::Status HostRegion::CheckIntact() {
  if (bell_->arena_gone()) SetPoison(PoisonReason::kArenaGone, "the arena's memory was lost");
  if (!poison_.has_value()) return absl::OkStatus();
  return Refuse(Reason::kREGION_POISONED,
                absl::StrCat("region ", name_, " is poisoned: ", PoisonName(poison_->reason), ", ", poison_->evidence),
                {{"region", name_}, {"poison", std::string(PoisonName(poison_->reason))}});
}

uint64_t HostRegion::Combine(const Notification& notification, uint64_t old) const {
  switch (notification.op) {
    case NotifyOp::kAdd: return old + notification.value;
    case NotifyOp::kMax: return std::max(old, notification.value);
    case NotifyOp::kSet: break;
  }
  return notification.value;
}

absl::StatusOr<uint64_t> HostRegion::Notify(const Notification& notification, NotifyWitness* witness) {
  absl::Status status = CheckNotify(notification);
  if (!status.ok()) return status;
  const bool ours = config_.signal_writers[notification.signal] == SignalWriter::kHost;
  uint64_t value = Combine(notification, Load(notification.signal));
  if (witness != nullptr) witness->BeforeStore({generation_, notification.signal, value, ours});
  if (ours) {
    StoreAgain(notification.signal, value);
  } else {
    value = NotifyShared(notification);
    bell_->Ring(&head_->host.rung, &rung_, &head_->chip.seen);
  }
  if (witness != nullptr) witness->AfterStore(value);
  return value;
}

void HostRegion::StoreAgain(uint32_t signal, uint64_t value) {
  journal_.SetValue(signal, value);
  // Release: data written before is visible to whoever sees the value; pairs with l3_signal_load.
  l3_store_release_u64(&signals_[signal].value, value);
  bell_->Ring(&head_->host.rung, &rung_, &head_->chip.seen);
}

// The chip may change it too. Bounded: a chip that keeps changing the word must not hold the lock for ever; the last try is
// one atomic addition, and for MAX a store that loses only against a value stored at that very moment. Release as above.
uint64_t HostRegion::NotifyShared(const Notification& notification) {
  uint64_t* word = &signals_[notification.signal].value;
  if (notification.op == NotifyOp::kSet) {
    l3_store_release_u64(word, notification.value);
    return notification.value;
  }
  if (notification.op == NotifyOp::kAdd) return __atomic_add_fetch(word, notification.value, __ATOMIC_RELEASE);
  uint64_t old = l3_load_relaxed_u64(word);
  for (int tries = 0; tries < 1000000 && old < notification.value; ++tries) {
    if (__atomic_compare_exchange_n(word, &old, notification.value, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) break;
  }
  return std::max(old, notification.value);
}

uint64_t HostRegion::Load(uint32_t signal) const {
  // A signal that only the host writes has the value that the host gave it, whatever the chip stored there.
  if (config_.signal_writers[signal] == SignalWriter::kHost) return journal_.Value(signal);
  // Acquire: data that the chip wrote before is visible; pairs with the release in l3_notify.
  return l3_load_acquire_u64(&signals_[signal].value);
}

bool HostRegion::Look() { return l3_look(&head_->chip.rung, &head_->host.seen, &seen_) != 0; }

bool HostRegion::CheckOwnWords() {
  if (poison_.has_value()) return false;
  const l3_region_shape& shape = head_->shape;
  std::string fault;
  if (l3_load_relaxed_u64(&shape.generation) != generation_ ||
      l3_load_relaxed_u64(&shape.data_bytes) != config_.data_bytes ||
      l3_load_relaxed_u64(&shape.signals_at) != l3_region_signals_at(signal_count()) ||
      l3_load_relaxed_u64(&shape.data_at) != l3_region_data_at(signal_count()) ||
      l3_load_relaxed_u32(&shape.signal_count) != signal_count() || l3_load_relaxed_u32(&shape.flags) != 0) {
    fault = "its shape was changed";
  } else if (l3_load_relaxed_u32(&head_->host.rung) != rung_ || l3_load_relaxed_u32(&head_->host.seen) != seen_) {
    fault = "the host's line was changed";
  }
  for (uint32_t i = 0; fault.empty() && i < signal_count(); ++i) {
    const SignalWriter writer = config_.signal_writers[i];
    const uint64_t value = l3_load_relaxed_u64(&signals_[i].value);
    if (__atomic_load_n(&writers_[i], __ATOMIC_RELAXED) != static_cast<uint8_t>(writer)) {
      fault = absl::StrCat("the writer of signal ", i, " was changed");
    } else if (writer == SignalWriter::kHost && value != journal_.Value(i)) {
      fault = absl::StrCat("signal ", i, " is ", value, ", the host wrote ", journal_.Value(i));
    }
  }
  if (fault.empty()) return true;
  SetPoison(PoisonReason::kGeometry, fault);
  return false;
}

void HostRegion::SetPoison(PoisonReason reason, std::string evidence) {
  if (poison_.has_value()) return;
  poison_ = Poison{reason, std::move(evidence)};
  journal_.SetPoison(static_cast<int>(reason));
}

}  // namespace l3link
