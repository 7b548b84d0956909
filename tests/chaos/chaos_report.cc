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

uint64_t ChaosReport::InFlight(Victim victim) const {
  return std::count_if(kills.begin(), kills.end(),
                       [&](const Kill& kill) { return kill.victim == victim && kill.in_flight > 0; });
}

uint64_t ChaosReport::SameSession() const {
  return std::count_if(kills.begin(), kills.end(), [](const Kill& kill) { return kill.same_session; });
}

uint64_t ChaosReport::Supervised() const {
  return std::count_if(kills.begin(), kills.end(), [](const Kill& kill) { return kill.supervised; });
}

uint64_t ChaosReport::AtTheWorstMoment() const {
  return std::count_if(kills.begin(), kills.end(), [](const Kill& kill) { return kill.at_the_worst_moment; });
}

double ChaosReport::ResumeMs(double quantile, const std::function<bool(const Kill&)>& counts) const {
  std::vector<double> values;
  for (const Kill& kill : kills)
    if (kill.resume_ms > 0 && (!counts || counts(kill))) values.push_back(kill.resume_ms);
  return Quantile(std::move(values), quantile);
}

bool ChaosReport::Passed(uint64_t kills_wanted, uint64_t messages_wanted) const {
  for (const Victim victim : kVictims)
    if (InFlight(victim) < kills_wanted / 4) return false;
  return failure.empty() && findings.clean() && kills.size() == kills_wanted && messages >= messages_wanted &&
         static_cast<double>(SameSession()) >= kLeastSameSessionShare * static_cast<double>(kills.size());
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
  json["same_session_resumes"] = SameSession();
  json["resume_ms_p50"] = Rounded(ResumeMs(0.5));
  json["resume_ms_p99"] = Rounded(ResumeMs(0.99));
  for (const Victim victim : kVictims) json[absl::StrCat("in_flight_", NameOf(victim))] = InFlight(victim);
  json["kills_chip_supervised"] = Supervised();
  json["kills_chip_worst_moment"] = AtTheWorstMoment();
  json["wrong"] = findings.wrong;
  json["after_fencing"] = findings.after_fencing;
  json["wrong_final"] = findings.wrong_final;
  json["redelivered"] = redelivered;
  json["seconds"] = Rounded(seconds);
  if (!failure.empty()) json["failure"] = failure;
  return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string ChaosReport::Table() const {
  std::string table = absl::StrFormat("%-22s %6s %12s %12s\n", "killed", "times", "resume p50", "resume p99");
  const auto row = [&](const char* name, const std::function<bool(const Kill&)>& counts) {
    absl::StrAppendFormat(&table, "%-22s %6d %9.0f ms %9.0f ms\n", name,
                          std::count_if(kills.begin(), kills.end(), counts), ResumeMs(0.5, counts),
                          ResumeMs(0.99, counts));
  };
  for (const Victim victim : kVictims)
    row(NameOf(victim), [&](const Kill& kill) { return kill.victim == victim && !kill.supervised; });
  row("chip under its daemon", [](const Kill& kill) { return kill.supervised; });
  row("all", [](const Kill&) { return true; });
  absl::StrAppendFormat(&table, "%d kills with messages in flight, %d of a chip at its worst moment; ", InFlight(),
                        AtTheWorstMoment());
  absl::StrAppendFormat(&table, "%d went on with the same session\n", SameSession());
  absl::StrAppendFormat(&table, "%d messages there and back in %.1f s; %d delivered again after a client's death\n",
                        messages, seconds, redelivered);
  absl::StrAppendFormat(&table, "lost %d, duplicated %d, reordered %d, wrong %d, after fencing %d, wrong at rest %d\n",
                        findings.lost, findings.duplicated, findings.reordered, findings.wrong, findings.after_fencing,
                        findings.wrong_final);
  for (const Kill& kill : kills)
    if (!kill.same_session)
      absl::StrAppend(&table, "  after a kill of the ", NameOf(kill.victim), ": ", kill.otherwise, "\n");
  for (const std::string& what : findings.cases) absl::StrAppend(&table, "  ", what, "\n");
  if (!failure.empty()) absl::StrAppend(&table, "ended early: ", failure, "\n");
  return table;
}

}  // namespace l3link::chaos
