// A region on paper, for tests: an array of signals and a string of data behind a RegionPort, with a real WaitTable.
#ifndef L3LINK_SERVER_MEMORY_PAPER_REGION_H_
#define L3LINK_SERVER_MEMORY_PAPER_REGION_H_

#include <algorithm>
#include <string>
#include <vector>

#include "backends/host/refusal.h"
#include "server/memory/region_port.h"

namespace l3link {

// What a test looks at and turns; outlives the ports.
struct Paper {
  explicit Paper(size_t data_bytes) : data(data_bytes, '.') {}

  std::string data;
  std::vector<uint64_t> signals = std::vector<uint64_t>(8, 0);
  std::vector<std::string> done;  // "write 3+2", "notify 0=5", "read 0+4", in order
  bool closed = false;
  WaitTable waits{[this](uint32_t signal) { return signals[signal]; }};

  void ChipSets(uint32_t signal, uint64_t value) {
    signals[signal] = value;
    waits.Look();
  }
  void Close() {
    closed = true;
    waits.EndAll(Refuse(Reason::kREGION_CLOSED, "region 0/paper was closed"));
  }
};

class PaperRegion final : public RegionPort {
 public:
  explicit PaperRegion(Paper* paper) : paper_(*paper) {}

  uint32_t worker_id() const override { return 0; }
  absl::StatusOr<uint64_t> Write(uint64_t offset, absl::string_view data, const absl::optional<Notification>& notify,
                                 NotifyWitness* witness) override {
    if (absl::Status legal = Check(offset, data.size()); !legal.ok()) return legal;
    if (notify.has_value() && notify->signal >= paper_.signals.size()) return NoSignal();
    paper_.data.replace(offset, data.size(), std::string(data));
    paper_.done.push_back("write " + std::to_string(offset) + "+" + std::to_string(data.size()));
    return notify.has_value() ? Notify(*notify, witness) : 0;
  }
  absl::Status Read(uint64_t offset, uint64_t length, std::string* out) override {
    if (absl::Status legal = Check(offset, length); !legal.ok()) return legal;
    *out = paper_.data.substr(offset, length);
    paper_.done.push_back("read " + std::to_string(offset) + "+" + std::to_string(length));
    return absl::OkStatus();
  }
  absl::StatusOr<uint64_t> Notify(const Notification& notify, NotifyWitness*) override {
    if (absl::Status legal = Check(0, 0); !legal.ok()) return legal;
    if (notify.signal >= paper_.signals.size()) return NoSignal();
    uint64_t& value = paper_.signals[notify.signal];
    value = notify.op == NotifyOp::kAdd ? value + notify.value : notify.value;
    paper_.done.push_back("notify " + std::to_string(notify.signal) + "=" + std::to_string(value));
    paper_.waits.LookAt({notify.signal});
    return value;
  }
  absl::StatusOr<WaitTable::WaitId> AddWait(WaitSpec spec) override {
    if (absl::Status legal = Check(0, 0); !legal.ok()) return legal;
    for (const Condition& condition : spec.conditions) {
      if (condition.signal >= paper_.signals.size()) return NoSignal();
    }
    return paper_.waits.Add(std::move(spec));
  }
  bool RemoveWait(WaitTable::WaitId id) override { return paper_.waits.Remove(id); }
  absl::StatusOr<std::vector<uint64_t>> Values(absl::Span<const Condition> conditions) override {
    std::vector<uint64_t> values;
    for (const Condition& condition : conditions) values.push_back(paper_.signals[condition.signal]);
    return values;
  }
  absl::StatusOr<v1::Region> Describe() override {
    if (absl::Status legal = Check(0, 0); !legal.ok()) return legal;
    v1::Region region;
    region.mutable_config()->set_data_bytes(paper_.data.size());
    return region;
  }

 private:
  absl::Status Check(uint64_t offset, uint64_t length) const {
    if (paper_.closed) return Refuse(Reason::kREGION_CLOSED, "region 0/paper was closed");
    if (offset <= paper_.data.size() && length <= paper_.data.size() - offset) return absl::OkStatus();
    return Refuse(Reason::kRANGE_OUT_OF_REGION, "outside of the paper");
  }
  static absl::Status NoSignal() { return Refuse(Reason::kSIGNAL_NOT_FOUND, "no such signal on paper"); }

  Paper& paper_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_PAPER_REGION_H_
