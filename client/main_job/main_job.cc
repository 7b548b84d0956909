#include "client/main_job/main_job.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client/cli/progress.h"

namespace l3link::main_job {
namespace {

constexpr auto kLook = std::chrono::milliseconds(50);  // how often progress is looked at

}  // namespace

MainJob::MainJob(const client::Orchestrator& orchestrator, const JobOptions& options, const Corpus& corpus,
                 const std::atomic<bool>& stop)
    : orchestrator_(orchestrator), options_(options), corpus_(corpus), stop_(stop) {
  const uint64_t nodes = orchestrator.node_count();
  report_.nodes = nodes;
  report_.lanes = nodes * options.lanes;
  report_.messages_wanted = nodes * options.messages;
  report_.round_trips_wanted = nodes * options.round_trips;
  report_.elements_wanted = nodes * options.vector_elements * options.vector_rounds;
  for (size_t node = 0; node < nodes; ++node) {
    nodes_.push_back(std::make_unique<NodeJob>(orchestrator, node, options, corpus, stop));
  }
}

void MainJob::Say(const std::string& text) const {
  if (isatty(STDERR_FILENO) == 0) fprintf(stderr, "main-job: %s\n", text.c_str());
}

absl::Status MainJob::Run() {
  absl::Status status;
  for (const auto& node : nodes_) {
    if (status.ok()) status = node->Open();
  }
  if (status.ok()) status = Stream();
  if (status.ok()) status = RoundTripPhase();
  if (status.ok()) status = VectorPhase();
  for (const auto& node : nodes_) status.Update(node->Close());
  report_.interrupted = stop_.load(std::memory_order_relaxed);
  return status;
}

absl::Status MainJob::Stream() {
  Say(absl::StrCat("streaming ", cli::GroupDigits(report_.messages_wanted), " lines over ", report_.lanes, " lanes of ",
                   report_.nodes, report_.nodes == 1 ? " node" : " nodes"));
  const auto began = std::chrono::steady_clock::now();
  for (const auto& node : nodes_) node->StartStreaming();
  std::atomic<bool> ended{false};
  // Joining is what ends the phase; this only draws, and stops when told.
  std::thread painter([&] {
    cli::Progress progress(stderr, "checksum", report_.messages_wanted, cli::Progress::Unit::kMessages,
                           cli::Progress::Otherwise::kLines);
    while (!ended.load(std::memory_order_relaxed)) {
      uint64_t verified = 0;
      for (const auto& node : nodes_) verified += node->verified();
      progress.Update(verified);
      std::this_thread::sleep_for(kLook);
    }
  });
  absl::Status status;
  for (const auto& node : nodes_) node->WaitForLanes();
  report_.stream_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  ended.store(true, std::memory_order_relaxed);
  painter.join();
  for (const auto& node : nodes_) status.Update(node->FinishStreaming(&report_));
  return status;
}

absl::Status MainJob::RoundTripPhase() {
  if (options_.round_trips == 0) return absl::OkStatus();
  Say(absl::StrCat("measuring ", cli::GroupDigits(report_.round_trips_wanted), " round trips"));
  std::vector<double> microseconds;
  for (const auto& node : nodes_) {
    if (absl::Status status = node->RunRoundTrips(&report_, &microseconds); !status.ok()) return status;
  }
  report_.round_trip_p50_us = Percentile(microseconds, 0.50);
  report_.round_trip_p99_us = Percentile(microseconds, 0.99);
  return absl::OkStatus();
}

absl::Status MainJob::VectorPhase() {
  if (options_.vector_elements == 0) return absl::OkStatus();
  Say(absl::StrCat("adding vectors of ", cli::GroupDigits(options_.vector_elements), " floats, ",
                   options_.vector_rounds, " rounds a node"));
  for (const auto& node : nodes_) {
    if (absl::Status status = node->RunVectorRounds(&report_); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace l3link::main_job
