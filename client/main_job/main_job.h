// The main job over all its nodes, phase by phase, with progress.
#ifndef L3LINK_CLIENT_MAIN_JOB_MAIN_JOB_H_
#define L3LINK_CLIENT_MAIN_JOB_MAIN_JOB_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/main_job/corpus.h"
#include "client/main_job/node_job.h"
#include "client/main_job/report.h"
#include "client/orchestrator.h"

namespace l3link::main_job {

// One run, on one thread. `stop` ends it early, and what was opened is closed then too.
class MainJob {
 public:
  MainJob(const client::Orchestrator& orchestrator, const JobOptions& options, const Corpus& corpus,
          const std::atomic<bool>& stop);

  // The first error that kept a phase from ending; what differs or is missing is in report() instead.
  absl::Status Run();
  const Report& report() const { return report_; }

 private:
  absl::Status Stream();
  absl::Status RoundTripPhase();
  absl::Status VectorPhase();
  void Say(const std::string& text) const;

  const client::Orchestrator& orchestrator_;
  const JobOptions& options_;
  const Corpus& corpus_;
  const std::atomic<bool>& stop_;
  std::vector<std::unique_ptr<NodeJob>> nodes_;
  Report report_;
};

}  // namespace l3link::main_job

#endif  // L3LINK_CLIENT_MAIN_JOB_MAIN_JOB_H_
