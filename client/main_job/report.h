// What the main job found, as the short table at its end or as JSON.
#ifndef L3LINK_CLIENT_MAIN_JOB_REPORT_H_
#define L3LINK_CLIENT_MAIN_JOB_REPORT_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "client/main_job/reply_checker.h"
#include "client/main_job/vector_run.h"

namespace l3link::main_job {

struct Report {
  uint64_t nodes = 0;
  uint64_t lanes = 0;            // over all nodes
  uint64_t messages_wanted = 0;  // over all nodes, round trips not counted
  uint64_t elements_wanted = 0;  // over all nodes and rounds
  uint64_t payload_bytes = 0;
  double stream_seconds = 0;
  ReplyCounts replies;  // of the streaming phase
  uint64_t round_trips_wanted = 0;
  ReplyCounts round_trips;
  double round_trip_p50_us = 0;
  double round_trip_p99_us = 0;
  VectorCounts vectors;
  bool interrupted = false;

  // Everything that was wanted came back, and right.
  bool verified() const;
  double messages_per_second() const;
  double region_gigabytes_per_second() const;
  std::string first_fault() const;
};

// A word and its figure a line, one space between: "lost 0".
std::string ReportText(const Report& report);
nlohmann::ordered_json ReportJson(const Report& report);

}  // namespace l3link::main_job

#endif  // L3LINK_CLIENT_MAIN_JOB_REPORT_H_
