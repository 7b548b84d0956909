// The rules of sessions and leases on one lane each way, as small as they can be said: what an attach must be answered, who holds
// what, under which epoch, how far each session got. Shares nothing with the node; times are milliseconds.
#ifndef L3LINK_TESTS_FUZZ_SESSION_MODEL_H_
#define L3LINK_TESTS_FUZZ_SESSION_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace l3link::fuzz {

// 0: host_to_chip; 1: chip_to_host.
constexpr int kToChip = 0, kToHost = 1;

// What the node must say; reason empty: yes.
struct Answer {
  std::string reason;
  std::map<std::string, std::string> metadata = {};  // that must be in it
  bool resumed = false;
  std::vector<uint64_t> epochs = {};  // of the lanes asked for
  std::vector<int> ended = {};        // streams that lose their lease by this
};

class SessionModel {
 public:
  explicit SessionModel(size_t most_leases) : most_leases_(most_leases) {}

  Answer Attach(const std::string& session, bool resume, int64_t ttl, const std::vector<int>& lanes, int stream);
  void Renew(int stream);
  void Drop(int stream);    // the connection is lost
  void Detach(int stream);  // the lanes are given back
  // Streams whose lease has expired, in order of their grants.
  std::vector<int> Tick(int64_t now);
  // A message without a session.
  Answer Momentary(int lane);
  Answer ReleaseByOperator(int lane);
  // The node died and is ready again.
  void Restart();

  void set_position(int lane, uint64_t position) { lanes_[lane].position = position; }
  uint64_t epoch(int lane) const { return lanes_[lane].epoch; }
  // Of the lease on the lane; empty: nobody holds it.
  std::string holder(int lane) const;
  bool Holds(int stream) const { return LeaseOf(stream) != nullptr; }
  size_t leases() const { return leases_.size(); }

 private:
  struct Lane {
    uint64_t epoch = 0;
    uint64_t position = 0;
    std::string last;                                      // holder, or the last one
    std::vector<std::pair<std::string, uint64_t>> finals;  // sessions that others followed, and where they ended
  };
  struct Lease {
    std::string session;
    int64_t ttl;
    int64_t deadline;
    bool due = false;
    int stream;  // -1: lost
    std::vector<int> lanes;
  };

  const Lease* LeaseOn(int lane) const;
  const Lease* LeaseOf(int stream) const;
  Lease* LeaseOf(int stream) { return const_cast<Lease*>(std::as_const(*this).LeaseOf(stream)); }
  void Remove(const Lease* lease, std::vector<int>* ended);
  static void Retire(Lane& lane);
  // nullptr: not known here.
  static const uint64_t* FinalOf(const Lane& lane, const std::string& session);
  Answer CheckResume(const std::string& session, const std::vector<int>& lanes) const;

  const size_t most_leases_;
  int64_t now_ = 0;
  int64_t last_tick_ = -1;
  Lane lanes_[2];
  std::vector<Lease> leases_;  // in order of their grants
};

}  // namespace l3link::fuzz

#endif  // L3LINK_TESTS_FUZZ_SESSION_MODEL_H_
