// tail, exchange: messages over a stream that holds its lanes.
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "client/cli/command_groups.h"
#include "client/cli/event_queue.h"
#include "client/cli/library.h"
#include "client/cli/line_reader.h"
#include "client/cli/message_body.h"

namespace l3link::cli {
namespace {

// One message of a stream as an event: JSON, its body with the newline that text has, or the bare bytes of -o raw.
void ShowMessage(Output& out, const client::ReceivedMessage& message, uint32_t lane, BodyView view) {
  ReceivedMessage received;
  received.lane = lane;
  received.sequence = message.sequence;
  received.route = message.route;
  received.correlation_id = message.correlation_id;
  received.redelivered = message.redelivered;
  received.body = std::string(message.payload);
  const Json json = out.json() ? MessageJson(received, view) : Json();
  out.ShowEvent(json, {ShowBody(received.body, view, 0) + "\n", received.body});
}

absl::StatusOr<std::unique_ptr<client::Channel>> Find(const client::Orchestrator& orchestrator,
                                                      const ObjectReference& reference) {
  return orchestrator.FindChannel(reference.worker_id, reference.name, reference.generation);
}

struct TailOptions {
  ObjectReference channel;
  absl::optional<uint32_t> lane;
  uint64_t count = 0;
  ViewOptions view;
};

// What a lane's callback brings: messages, or the end of its stream.
struct TailEvent {
  size_t stream = 0;
  client::ReceivedBatch batch;
  absl::Status ended;
};

// Holds the lanes of one `tail` and prints what comes on the main thread. The receive windows bound the queue.
class Tail {
 public:
  Tail(Run& run, const TailOptions& options) : run_(run), options_(options) {}

  absl::Status Open(const client::Channel& channel) {
    const uint32_t lanes = channel.config().chip_to_host_lanes();
    const uint32_t first = options_.lane.value_or(0);
    const uint32_t count = options_.lane.has_value() ? 1 : lanes;
    for (uint32_t lane = first; lane < first + count; ++lane) {
      client::StreamOptions stream;
      const size_t index = streams_.size();
      stream.receive = client::LaneChoice::Lane(lane);
      stream.ack = client::AckMode::kExplicit;
      stream.on_messages = [this, index](const client::ReceivedBatch& batch) { events_.Push({index, batch, {}}); };
      stream.on_failed = [this, index](const absl::Status& status) { events_.Push({index, {}, status}); };
      auto opened = channel.OpenStream(stream);
      if (!opened.ok()) return opened.status();
      streams_.push_back({*std::move(opened), lane});
    }
    return absl::OkStatus();
  }

  ExitCode Follow() {
    Deadline deadline(run_.timeout().value_or(absl::InfiniteDuration()));
    uint64_t seen = 0;
    while (options_.count == 0 || seen < options_.count) {
      if (run_.interrupt().requested() || run_.out().closed()) return ExitCode::kOk;
      const auto event = events_.Pop(deadline.Slice());
      if (event.has_value() && !event->ended.ok()) return run_.Fail(event->ended);
      if (event.has_value()) {
        seen += Print(*event, options_.count == 0 ? UINT64_MAX : options_.count - seen);
      } else if (deadline.passed()) {
        return options_.count == 0 ? ExitCode::kOk : TooFew(seen);
      }
    }
    return ExitCode::kOk;
  }

 private:
  struct HeldLane {
    std::unique_ptr<client::LaneStream> stream;
    uint32_t lane;
  };

  // Prints at most `most` messages, then acknowledges them: what was not printed stays in the ring.
  uint64_t Print(const TailEvent& event, uint64_t most) {
    uint64_t printed = 0;
    for (const client::ReceivedMessage& message : event.batch) {
      if (printed == most || run_.out().closed()) break;
      ShowMessage(run_.out(), message, streams_[event.stream].lane, options_.view.view);
      ++printed;
    }
    run_.out().Flush();
    // An error here is the stream's end, which on_failed reports too.
    if (printed > 0) streams_[event.stream].stream->Ack(event.batch.first_sequence() + printed).IgnoreError();
    return printed;
  }

  ExitCode TooFew(uint64_t seen) {
    return run_.Fail(LocalFailure(absl::StatusCode::kDeadlineExceeded,
                                  absl::StrCat("saw ", seen, " of ", options_.count, " messages in time"),
                                  "follow longer with --timeout"));
  }

  Run& run_;
  const TailOptions& options_;
  EventQueue<TailEvent> events_;   // outlives the streams whose callbacks fill it
  std::vector<HeldLane> streams_;  // complete before the first event is looked at
};

ExitCode TailChannel(Run& run, const TailOptions& options) {
  const auto orchestrator = ConnectLibrary(run);
  if (!orchestrator.ok()) return run.Fail(orchestrator.status());
  const auto channel = Find(**orchestrator, options.channel);
  if (!channel.ok()) return run.Fail(channel.status());
  Tail tail(run, options);
  if (const absl::Status status = tail.Open(**channel); !status.ok()) return run.Fail(status);
  return tail.Follow();
}

struct ExchangeOptions {
  ObjectReference channel;
  uint32_t route = 0;
  absl::optional<uint64_t> replies;
  ViewOptions view;
};

// Lines go out on the main thread, replies come in on another, so that neither full ring can stop the other.
class Exchange {
 public:
  Exchange(Run& run, const ExchangeOptions& options, client::LaneStream& stream)
      : run_(run), options_(options), stream_(stream), patience_(run.TimeoutOr(absl::Seconds(10))) {}

  ExitCode Go() {
    std::thread printer([this] { PrintReplies(); });
    const absl::Status sending = SendLines();
    if (!sending.ok()) stop_.store(true, std::memory_order_relaxed);
    all_sent_.store(true, std::memory_order_release);  // with the final sent_; pairs with the acquire in PrintReplies
    printer.join();
    if (run_.interrupt().requested()) return ExitCode::kInterrupted;
    if (run_.out().closed()) return ExitCode::kOk;
    if (!receiving_.ok()) return run_.Fail(receiving_);  // first: it may be why sending was stopped
    if (!sending.ok()) return run_.Fail(sending);
    return ExitCode::kOk;
  }

 private:
  absl::Status SendLines() {
    LineReader lines(STDIN_FILENO, run_.interrupt(), stop_);
    const uint64_t largest = stream_.positions().max_message_bytes;
    while (!stop_.load(std::memory_order_relaxed)) {
      const auto line = lines.Next();
      if (!line.ok()) return line.status();
      if (!line->has_value()) return Patiently([this](absl::Duration slice) { return stream_.Flush(slice); });
      const uint64_t number = sent_.load(std::memory_order_relaxed) + 1;
      if ((*line)->size() > largest) {
        return absl::InvalidArgumentError(absl::StrCat("line ", number, " of ", (*line)->size(),
                                                       " bytes > max_message_bytes ", largest, " of the channel"));
      }
      const client::OutgoingMessage message = {**line, options_.route, number};
      const absl::Status status = Patiently([&](absl::Duration slice) { return stream_.Send(message, slice); });
      if (!status.ok()) return status;
      sent_.store(number, std::memory_order_relaxed);
    }
    return absl::OkStatus();
  }

  // Repeats what would block until it is done or the patience ends, hearing Ctrl-C.
  absl::Status Patiently(const std::function<absl::Status(absl::Duration)>& attempt) {
    const Deadline deadline(patience_);
    while (true) {
      const absl::Status status = attempt(deadline.Slice());
      if (!client::IsWouldBlock(status) || deadline.passed()) return status;
      if (run_.interrupt().requested() || stop_.load(std::memory_order_relaxed)) return absl::CancelledError();
    }
  }

  // How many replies are awaited, once all is sent.
  uint64_t Expected() const { return options_.replies.value_or(sent_.load(std::memory_order_relaxed)); }

  void PrintReplies() {
    Deadline deadline(patience_);
    uint64_t got = 0;
    const uint32_t lane = stream_.positions().receive_lane;
    while (!run_.interrupt().requested() && !run_.out().closed()) {
      const bool all_sent = all_sent_.load(std::memory_order_acquire);
      if (stop_.load(std::memory_order_relaxed) || (all_sent && got >= Expected())) return;
      const auto batch = stream_.ReceiveBatch(64, absl::Milliseconds(50));
      if (!batch.ok()) return EndReceiving(batch.status());
      for (const client::ReceivedMessage& message : *batch) ShowMessage(run_.out(), message, lane, options_.view.view);
      run_.out().Flush();
      got += batch->size();
      if (!all_sent || !batch->empty()) {
        deadline.Restart();
      } else if (deadline.passed()) {
        return EndReceiving(absl::DeadlineExceededError(
            absl::StrCat("sent ", sent_.load(std::memory_order_relaxed), " lines, got ", got, " of ", Expected(),
                         " replies, and none for ", absl::FormatDuration(patience_))));
      }
    }
    stop_.store(true, std::memory_order_relaxed);
  }

  void EndReceiving(const absl::Status& status) {
    receiving_ = status;
    stop_.store(true, std::memory_order_relaxed);
  }

  Run& run_;
  const ExchangeOptions& options_;
  client::LaneStream& stream_;
  const absl::Duration patience_;
  std::atomic<uint64_t> sent_{0};
  std::atomic<bool> all_sent_{false};
  std::atomic<bool> stop_{false};  // a hint; what it ends is joined before anything is read
  absl::Status receiving_;         // of the printer; read after it is joined
};

ExitCode ExchangeLines(Run& run, const ExchangeOptions& options) {
  const auto orchestrator = ConnectLibrary(run);
  if (!orchestrator.ok()) return run.Fail(orchestrator.status());
  const auto channel = Find(**orchestrator, options.channel);
  if (!channel.ok()) return run.Fail(channel.status());
  const v1::ChannelConfig& config = (*channel)->config();
  if (config.host_to_chip_lanes() == 0 || config.chip_to_host_lanes() == 0) {
    return run.Usage("exchange needs a channel with lanes both ways; this one has them one way only");
  }
  const uint32_t lane = options.route % config.host_to_chip_lanes();
  client::StreamOptions stream_options;
  stream_options.send = client::LaneChoice::Lane(lane);
  stream_options.receive = client::LaneChoice::Lane(lane % config.chip_to_host_lanes());
  const auto stream = (*channel)->OpenStream(stream_options);
  if (!stream.ok()) return run.Fail(stream.status());
  return Exchange(run, options, **stream).Go();
}

}  // namespace

void AddLaneStreamCommands(CommandTree& tree) {
  auto tail = std::make_shared<TailOptions>();
  CLI::App* follower = tree.Add(
      tree.app(), "tail", "Takes and prints messages as they come, until Ctrl-C; each leaves its ring once printed",
      "l3linkctl tail jobs\nl3linkctl tail jobs --lane 2 --count 10 -o jsonl\nl3linkctl tail jobs --timeout 1m",
      [tail](Run& run) { return TailChannel(run, *tail); });
  AddReference(follower, "channel", &tail->channel);
  follower->add_option_function<uint32_t>(
      "--lane", [tail](uint32_t lane) { tail->lane = lane; }, "From this lane; default: all");
  follower->add_option("--count", tail->count, "End after so many messages");
  tail->view.AddTo(follower);

  auto exchange = std::make_shared<ExchangeOptions>();
  CLI::App* exchanger = tree.Add(
      tree.app(), "exchange", "Sends each line of standard input as a message and prints the replies, in order",
      "echo 'hello chip' | l3linkctl exchange jobs\nl3linkctl exchange jobs --route 3 < prompts.txt > replies.txt\n"
      "seq 5 | l3linkctl exchange sums --hex\nl3linkctl exchange sink --replies 0 < numbers.txt",
      [exchange](Run& run) { return ExchangeLines(run, *exchange); });
  AddReference(exchanger, "channel", &exchange->channel);
  exchanger->add_option("--route", exchange->route,
                        "Of each message; sent on lane route % host_to_chip_lanes, answered on that lane % "
                        "chip_to_host_lanes; default 0");
  exchanger->add_option_function<uint64_t>(
      "--replies", [exchange](uint64_t replies) { exchange->replies = replies; },
      "To wait for after the last line; default: one a line. None for --timeout (10s) is a timeout");
  exchange->view.AddTo(exchanger);
}

}  // namespace l3link::cli
