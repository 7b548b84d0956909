// notify, wait, watch: the signals of a region.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/command_groups.h"
#include "client/cli/event_queue.h"
#include "client/cli/library.h"
#include "client/cli/protobuf_duration.h"
#include "client/cli/signal_expression.h"

namespace l3link::cli {
namespace {

constexpr int kMostConditions = 64;

struct NotifyOptions {
  ObjectReference region;
  client::SignalChange change;
  std::string request_id;
};

ExitCode Notify(Run& run, const NotifyOptions& options) {
  v1::NotifyRequest request;
  options.region.To(request.mutable_region());
  *request.mutable_notify() = ToProto(options.change);
  request.set_request_id(options.request_id);
  v1::NotifyResponse response;
  const grpc::Status status =
      run.node().Call(run.node().memory(), &v1::MemoryService::Stub::Notify, request, &response);
  if (!status.ok()) return run.Fail(status);
  run.out().Show(ToJson(response), {absl::StrCat("signal ", options.change.signal, " is ", response.value(), "\n"),
                                    absl::StrCat(response.value(), "\n")});
  return ExitCode::kOk;
}

struct ConditionOptions {
  ObjectReference region;
  std::vector<client::SignalCondition> conditions;
  bool all = false;
  uint64_t count = 0;

  CLI::Option* AddTo(CLI::App* command) {
    AddReference(command, "region", &region);
    command->add_flag("--all", all, "All conditions at once; default: any of them");
    return command
        ->add_option_function<std::vector<std::string>>(
            "condition",
            [this](const std::vector<std::string>& texts) {
              for (const std::string& text : texts) conditions.push_back(*ParseCondition(text));
            },
            "SIGNAL>=VALUE (quote it), or SIGNAL:ge:VALUE; ge gt eq ne le lt; up to 64")
        ->check([](const std::string& text) { return std::string(ParseCondition(text).status().message()); })
        ->type_name("CONDITION");
  }
};

std::string ValuesText(const std::vector<client::SignalCondition>& conditions, const std::vector<uint64_t>& values) {
  std::string text;
  for (size_t i = 0; i < conditions.size() && i < values.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : "  ", "signal ", conditions[i].signal, " = ", values[i]);
  }
  return text + "\n";
}

ExitCode Wait(Run& run, const ConditionOptions& options) {
  v1::WaitRequest request;
  options.region.To(request.mutable_region());
  for (const auto& condition : options.conditions) *request.add_conditions() = ToProto(condition);
  request.set_combine(options.all ? v1::COMBINE_ALL : v1::COMBINE_ANY);
  const absl::Duration patience = run.TimeoutOr(kCallTimeout);
  *request.mutable_timeout() = ToProtoDuration(patience);
  v1::WaitResponse response;
  const grpc::Status status =
      run.node().CallAndWait(patience, run.node().memory(), &v1::MemoryService::Stub::Wait, request, &response);
  if (!status.ok()) return run.Fail(status);
  const std::vector<uint64_t> values(response.values().begin(), response.values().end());
  if (response.satisfied()) {
    run.out().Show(ToJson(response), {ValuesText(options.conditions, values), absl::StrJoin(values, "\n") + "\n"});
    return ExitCode::kOk;
  }
  const std::string wanted = absl::StrJoin(
      options.conditions, options.all ? " and " : " or ",
      [](std::string* text, const client::SignalCondition& c) { absl::StrAppend(text, FormatCondition(c)); });
  Failure failure = LocalFailure(absl::StatusCode::kDeadlineExceeded,
                                 absl::StrCat(wanted, " did not hold within ", absl::FormatDuration(patience)),
                                 "wait longer with --timeout, or see whether the chip runs: `l3linkctl chips`");
  for (size_t i = 0; i < options.conditions.size() && i < values.size(); ++i) {
    failure.metadata[absl::StrCat("signal ", options.conditions[i].signal)] = absl::StrCat(values[i]);
  }
  return run.Fail(failure);
}

// What a watch looks at when no condition was given: every signal, whatever its value.
std::vector<client::SignalCondition> EverySignal(const client::Region& region) {
  std::vector<client::SignalCondition> conditions(std::min<uint32_t>(region.config().signal_count(), kMostConditions));
  for (size_t i = 0; i < conditions.size(); ++i) conditions[i].signal = static_cast<uint32_t>(i);
  return conditions;
}

// What the watch's callback brings.
struct WatchEvent {
  absl::Status status;
  client::WaitResult result;
};

void PushEvent(EventQueue<WatchEvent>& events, const absl::StatusOr<client::WaitResult>& result) {
  WatchEvent event;
  event.status = result.status();
  if (result.ok()) event.result = *result;
  events.Push(std::move(event));
}

ExitCode Watch(Run& run, const ConditionOptions& options) {
  const auto orchestrator = ConnectLibrary(run);
  if (!orchestrator.ok()) return run.Fail(orchestrator.status());
  const auto region =
      (*orchestrator)->FindRegion(options.region.worker_id, options.region.name, options.region.generation);
  if (!region.ok()) return run.Fail(region.status());
  const auto conditions = options.conditions.empty() ? EverySignal(**region) : options.conditions;
  EventQueue<WatchEvent> events;
  const auto handle = (*region)->Watch(conditions, options.all ? client::Combine::kAll : client::Combine::kAny,
                                       [&events](const auto& result) { PushEvent(events, result); });
  if (!handle.ok()) return run.Fail(handle.status());
  const Deadline deadline(run.timeout().value_or(absl::InfiniteDuration()));
  for (uint64_t seen = 0; options.count == 0 || seen < options.count;) {
    if (run.interrupt().requested() || run.out().closed()) return ExitCode::kOk;
    const auto event = events.Pop(deadline.Slice());
    if (!event.has_value()) {
      if (!deadline.passed()) continue;
      if (options.count == 0) return ExitCode::kOk;
      return run.Fail(LocalFailure(absl::StatusCode::kDeadlineExceeded,
                                   absl::StrCat("saw ", seen, " of ", options.count, " events in time"),
                                   "watch longer with --timeout"));
    }
    if (!event->status.ok()) return run.Fail(event->status);
    const std::vector<uint64_t>& values = event->result.values;
    const Json json = {{"satisfied", event->result.satisfied}, {"values", values}};
    run.out().ShowEvent(json, {ValuesText(conditions, values), absl::StrJoin(values, " ") + "\n"});
    run.out().Flush();
    ++seen;
  }
  return ExitCode::kOk;
}

}  // namespace

void AddSignalCommands(CommandTree& tree) {
  auto notify = std::make_shared<NotifyOptions>();
  CLI::App* command =
      tree.Add(tree.app(), "notify", "Changes a signal of a region and rings the chip",
               "l3linkctl notify vector 0=1\nl3linkctl notify vector 0+=1\nl3linkctl notify vector 0:max=7",
               [notify](Run& run) { return Notify(run, *notify); });
  AddReference(command, "region", &notify->region);
  command
      ->add_option_function<std::string>(
          "change", [notify](const std::string& text) { notify->change = *ParseSignalChange(text); },
          "SIGNAL=VALUE sets, SIGNAL+=VALUE adds, SIGNAL:max=VALUE raises to")
      ->check([](const std::string& text) { return std::string(ParseSignalChange(text).status().message()); })
      ->type_name("CHANGE")
      ->required();
  command->add_option("--request-id", notify->request_id, "A repeat with the same id is answered, not done again");

  auto wait = std::make_shared<ConditionOptions>();
  wait->AddTo(tree.Add(tree.app(), "wait",
                       "Waits until a condition on signals holds; at most 10s unless --timeout says",
                       "l3linkctl wait vector '1>=1'\nl3linkctl wait vector 1:ge:1 0:ne:0 --all --timeout 1m",
                       [wait](Run& run) { return Wait(run, *wait); }))
      ->required();

  auto watch = std::make_shared<ConditionOptions>();
  CLI::App* watcher = tree.Add(
      tree.app(), "watch", "Prints signals whenever a condition holds and a value changed; until Ctrl-C",
      "l3linkctl watch vector\nl3linkctl watch vector '1>=10' --count 1\nl3linkctl watch vector -o jsonl | jq .values",
      [watch](Run& run) { return Watch(run, *watch); });
  watch->AddTo(watcher);
  watcher->add_option("--count", watch->count, "End after so many events");
}

}  // namespace l3link::cli
