// The main job on one node: its channel and lanes, its region, and the phases in order.
#ifndef L3LINK_CLIENT_MAIN_JOB_NODE_JOB_H_
#define L3LINK_CLIENT_MAIN_JOB_NODE_JOB_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/main_job/corpus.h"
#include "client/main_job/lane_run.h"
#include "client/main_job/report.h"
#include "client/main_job/round_trips.h"
#include "client/orchestrator.h"

namespace l3link::main_job {

struct JobOptions {
  uint64_t messages = 1000000;  // a node
  uint32_t lanes = 4;           // each way
  uint32_t depth = 1024;        // messages a lane
  uint64_t round_trips = 2000;
  uint64_t vector_elements = 1 << 20;
  uint64_t vector_rounds = 4;
  uint32_t worker = 0;
  std::string channel;
  std::string region;
  uint64_t seed = 1;
  absl::Duration patience = absl::Seconds(30);
};

// Calls in the order below, on one thread. What it opened is closed by Close, or left to the operator when the node is gone.
class NodeJob {
 public:
  // All of it outlives the job. `node` is the index of the orchestrator's target.
  NodeJob(const client::Orchestrator& orchestrator, size_t node, const JobOptions& options, const Corpus& corpus,
          const std::atomic<bool>& stop);

  // Opens the channel and holds its lanes; with elements wanted, opens the region.
  absl::Status Open();
  // Starts every lane; they run until Finish.
  void StartStreaming();
  uint64_t verified() const;
  void WaitForLanes();
  // After WaitForLanes: adds what they found, and releases them.
  absl::Status FinishStreaming(Report* report);
  absl::Status RunRoundTrips(Report* report, std::vector<double>* microseconds);
  absl::Status RunVectorRounds(Report* report);
  absl::Status Close();

 private:
  absl::StatusOr<std::unique_ptr<client::LaneStream>> HoldLane(uint32_t lane);
  client::WorkerAddress Worker() const;

  const client::Orchestrator& orchestrator_;
  const size_t node_;
  const JobOptions& options_;
  const Corpus& corpus_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<client::Channel> channel_;
  std::unique_ptr<client::Region> region_;
  std::vector<std::unique_ptr<LaneRun>> lanes_;
};

}  // namespace l3link::main_job

#endif  // L3LINK_CLIENT_MAIN_JOB_NODE_JOB_H_
