#include "tests/chaos/chaos_report.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace l3link::chaos {
namespace {

constexpr double kLeastSameSessionShare = 0.9;

double Quantile(std::vector<double> values, double quantile) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<size_t>(std::ceil(quantile * static_cast<double>(values.size())));
  return values[std::max<size_t>(rank, 1) - 1];
}

double Rounded(double value) { return std::round(value * 10) / 10; }

}  // namespace

uint64_t ChaosReport::CountOf(Victim victim) const {
  return std::count_if(kills.begin(), kills.end(), [&](const Kill& kill) { return kill.victim == victim; });
}

uint64_t ChaosReport::InFlight() const {
  return std::count_if(kills.begin(), kills.end(), [](const Kill& kill) { return kill.in_flight > 0; });
}

double ChaosReport::SameSessionShare() const {
  if (kills.empty()) return 1;
  const auto same = std::count_if(kills.begin(), kills.end(), [](const Kill& kill) { return kill.same_session; });
  return static_cast<double>(same) / static_cast<double>(kills.size());
}

double ChaosReport::ResumeMs(double quantile) const {
  std::vector<double> values;
  for (const Kill& kill : kills)
    if (kill.same_session) values.push_back(kill.resume_ms);
  return Quantile(std::move(values), quantile);
}

double ChaosReport::ResumeMs(Victim victim, double quantile) const {
  std::vector<double> values;
  for (const Kill& kill : kills)
    if (kill.victim == victim && kill.same_session) values.push_back(kill.resume_ms);
  return Quantile(std::move(values), quantile);
}

bool ChaosReport::Passed(uint64_t kills_wanted) const {
  return failure.empty() && findings.clean() && kills.size() == kills_wanted &&
         SameSessionShare() >= kLeastSameSessionShare;
}

std::string ChaosReport::Json() const {
  nlohmann::ordered_json json;
  json["kills"] = kills.size();
  for (const Victim victim : kVictims) json[absl::StrCat("kills_", NameOf(victim))] = CountOf(victim);
  json["in_flight"] = InFlight();
  json["messages"] = messages;
  json["lost"] = findings.lost;
  json["duplicated"] = findings.duplicated;
  json["reordered"] = findings.reordered;
  json["same_session_resumes"] = SameSessionShare();
  json["resume_ms_p50"] = Rounded(ResumeMs(0.5));
  json["resume_ms_p99"] = Rounded(ResumeMs(0.99));
  json["wrong"] = findings.wrong;
  json["after_fencing"] = findings.after_fencing;
  json["wrong_final"] = findings.wrong_final;
  json["redelivered"] = redelivered;
  json["seconds"] = Rounded(seconds);
  if (!failure.empty()) json["failure"] = failure;
  return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string ChaosReport::Table() const {
  std::string table = absl::StrFormat("%-8s %6s %12s %12s\n", "killed", "times", "resume p50", "resume p99");
  for (const Victim victim : kVictims)
    absl::StrAppendFormat(&table, "%-8s %6d %9.0f ms %9.0f ms\n", NameOf(victim), CountOf(victim),
                          ResumeMs(victim, 0.5), ResumeMs(victim, 0.99));
  absl::StrAppendFormat(&table, "%-8s %6d %9.0f ms %9.0f ms\n", "all", kills.size(), ResumeMs(0.5), ResumeMs(0.99));
  absl::StrAppendFormat(&table, "%d kills with messages in flight; %.1f %% went on with the same session\n", InFlight(),
                        100 * SameSessionShare());
  absl::StrAppendFormat(&table, "%d messages there and back in %.1f s; %d delivered again after a client's death\n",
                        messages, seconds, redelivered);
  absl::StrAppendFormat(&table, "lost %d, duplicated %d, reordered %d, wrong %d, after fencing %d, wrong at rest %d\n",
                        findings.lost, findings.duplicated, findings.reordered, findings.wrong, findings.after_fencing,
                        findings.wrong_final);
  for (const std::string& what : findings.cases) absl::StrAppend(&table, "  ", what, "\n");
  if (!failure.empty()) absl::StrAppend(&table, "ended early: ", failure, "\n");
  return table;
}

}  // namespace l3link::chaos
