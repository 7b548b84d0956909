// Every contest of dev/bench, by name. Made once; what they need (nodes, chips, the raw server) starts with the first that
// asks for it and lives as long as the returned object.
#ifndef L3LINK_TESTS_BENCH_CONTESTS_H_
#define L3LINK_TESTS_BENCH_CONTESTS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/contest.h"

namespace l3link::bench {

struct NamedContest {
  // What --only selects: "lanes", "round_trip", "streaming", "bulk", "regions", "signals", "streams", "load", "stalled",
  // "idle", "channels".
  std::string name;
  Contest contest;
};

// The processes that contests work against.
class Field;

class Contests {
 public:
  // `quick`: smaller runs of the same work.
  explicit Contests(bool quick);
  ~Contests();

  const std::vector<NamedContest>& all() const { return all_; }

 private:
  void AddLanes();
  void AddRoundTrips();
  void AddStreaming();
  void AddBulk();
  void AddRegions();
  void AddSignals();
  void AddStreams();
  void AddLoad();
  void AddStalled();
  void AddIdle();
  void AddChannels();
  void Add(const std::string& name, Contest contest) { all_.push_back({name, std::move(contest)}); }

  const bool quick_;
  const std::unique_ptr<Field> field_;
  std::vector<NamedContest> all_;
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_CONTESTS_H_
