#include "client/main_job/report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace l3link::main_job {

bool Report::verified() const {
  return !interrupted && nodes > 0 && replies.clean() && replies.verified == messages_wanted && round_trips.clean() &&
         round_trips.verified == round_trips_wanted && vectors.wrong == 0 && vectors.elements == elements_wanted;
}

double Report::messages_per_second() const {
  return stream_seconds > 0 ? static_cast<double>(replies.verified) / stream_seconds : 0;
}

double Report::region_gigabytes_per_second() const {
  return vectors.transfer_seconds > 0 ? static_cast<double>(vectors.bytes) / vectors.transfer_seconds / 1e9 : 0;
}

std::string Report::first_fault() const {
  for (const std::string* fault : {&replies.first_fault, &round_trips.first_fault, &vectors.first_fault}) {
    if (!fault->empty()) return *fault;
  }
  return "";
}

std::string ReportText(const Report& report) {
  ReplyCounts all = report.replies;
  all.Add(report.round_trips);
  std::string text;
  absl::StrAppend(&text, "messages ", report.replies.verified, "\n");
  absl::StrAppend(&text, "bytes ", report.payload_bytes, "\n");
  absl::StrAppend(&text, "lost ", all.lost, "\n");
  absl::StrAppend(&text, "duplicated ", all.duplicated, "\n");
  absl::StrAppend(&text, "reordered ", all.reordered, "\n");
  absl::StrAppend(&text, "wrong ", all.wrong + report.vectors.wrong, "\n");
  absl::StrAppendFormat(&text, "msg/s %.0f (%d lanes, %d nodes)\n", report.messages_per_second(), report.lanes,
                        report.nodes);
  absl::StrAppendFormat(&text, "round-trip-us p50 %.0f p99 %.0f (%d trips)\n", report.round_trip_p50_us,
                        report.round_trip_p99_us, report.round_trips.verified);
  absl::StrAppendFormat(&text, "region-GB/s %.2f (%d elements verified)\n", report.region_gigabytes_per_second(),
                        report.vectors.elements);
  if (!report.first_fault().empty()) absl::StrAppend(&text, "first-fault ", report.first_fault(), "\n");
  absl::StrAppend(&text, "verified ", report.verified() ? "yes" : "NO", "\n");
  return text;
}

nlohmann::ordered_json ReportJson(const Report& report) {
  ReplyCounts all = report.replies;
  all.Add(report.round_trips);
  return {{"verified", report.verified()},
          {"nodes", report.nodes},
          {"lanes", report.lanes},
          {"messages", report.replies.verified},
          {"messages_wanted", report.messages_wanted},
          {"bytes", report.payload_bytes},
          {"lost", all.lost},
          {"duplicated", all.duplicated},
          {"reordered", all.reordered},
          {"wrong", all.wrong + report.vectors.wrong},
          {"messages_per_second", report.messages_per_second()},
          {"round_trips", report.round_trips.verified},
          {"round_trip_p50_us", report.round_trip_p50_us},
          {"round_trip_p99_us", report.round_trip_p99_us},
          {"vector_elements", report.vectors.elements},
          {"region_gigabytes_per_second", report.region_gigabytes_per_second()},
          {"first_fault", report.first_fault()}};
}

}  // namespace l3link::main_job
