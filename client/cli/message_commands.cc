// send, recv, ack, peek: messages one call at a time, for people and scripts.
#include "absl/strings/str_cat.h"
#include "client/cli/command_groups.h"
#include "client/cli/lane_table.h"
#include "client/cli/message_body.h"
#include "client/cli/protobuf_duration.h"
#include "client/cli/table.h"

namespace l3link::cli {
namespace {

constexpr size_t kBodyColumns = 72;

// A table, JSON lines, or bare bodies, of what recv and peek got.
void ShowMessages(Output& out, const google::protobuf::RepeatedPtrField<v1::Message>& messages, BodyView view) {
  Table table({">LANE", ">SEQUENCE", ">ROUTE", ">CORRELATION", ">BYTES", "BODY"});
  Json list = Json::array();
  std::string raw;
  for (const v1::Message& message : messages) {
    const ReceivedMessage received = ToReceived(message);
    table.AddRow({absl::StrCat(received.lane), absl::StrCat(received.sequence, received.redelivered ? "*" : ""),
                  absl::StrCat(received.route), absl::StrCat(received.correlation_id),
                  absl::StrCat(received.body.size()), ShowBody(received.body, view, kBodyColumns)});
    list.push_back(MessageJson(received, view));
    raw += view == BodyView::kAuto ? received.body : ShowBody(received.body, view, 0) + "\n";
  }
  out.ShowList("messages", list, {table.ToText(), raw});
}

struct SendOptions {
  ObjectReference channel;
  BodyOptions bodies;
  uint32_t route = 0;
  uint64_t correlation_id = 0;
  std::string session_id;
  absl::optional<uint64_t> sequence;
};

ExitCode Send(Run& run, const SendOptions& options) {
  const auto bodies = options.bodies.Read();
  if (!bodies.ok()) return run.Fail(bodies.status());
  if (bodies->empty()) return run.Usage("no message to send: give TEXT, --hex or --file");
  v1::SendRequest request;
  options.channel.To(request.mutable_channel());
  for (const std::string& body : *bodies) {
    v1::Message* message = request.add_messages();
    message->set_data(body);
    message->set_route(options.route);
    message->set_correlation_id(options.correlation_id + request.messages_size() - 1);
  }
  const absl::Duration patience = run.TimeoutOr(kCallTimeout);
  *request.mutable_timeout() = ToProtoDuration(patience);
  request.set_session_id(options.session_id);
  if (options.sequence.has_value()) request.set_sequence(*options.sequence);
  v1::SendResponse response;
  const grpc::Status status =
      run.node().CallAndWait(patience, run.node().channels(), &v1::ChannelService::Stub::Send, request, &response);
  if (!status.ok()) return run.Fail(status);
  std::string raw;
  for (uint64_t sequence : response.sequences()) absl::StrAppend(&raw, sequence, "\n");
  run.out().Show(ToJson(response), {absl::StrCat("sent ", response.sent(), " of ", bodies->size(), "\n"), raw});
  if (response.sent() == bodies->size()) return ExitCode::kOk;
  return run.Fail(LocalFailure(absl::StatusCode::kDeadlineExceeded,
                               absl::StrCat("the ring took ", response.sent(), " of ", bodies->size(),
                                            " messages; no room for the rest in time"),
                               "send the rest again, with more --timeout, or open the channel with more depth"));
}

struct ReceiveOptions {
  ObjectReference channel;
  absl::optional<uint32_t> lane;
  uint32_t max_messages = 1;
  bool no_ack = false;
  ViewOptions view;
};

ExitCode Receive(Run& run, const ReceiveOptions& options) {
  v1::ReceiveRequest request;
  options.channel.To(request.mutable_channel());
  if (options.lane.has_value()) request.set_lane(*options.lane);
  request.set_max_messages(options.max_messages);
  const absl::Duration patience = run.TimeoutOr(absl::Seconds(1));
  *request.mutable_timeout() = ToProtoDuration(patience);
  request.set_ack(!options.no_ack);
  request.set_form(v1::FORM_DATA);
  v1::ReceiveResponse response;
  const grpc::Status status =
      run.node().CallAndWait(patience, run.node().channels(), &v1::ChannelService::Stub::Receive, request, &response);
  if (!status.ok()) return run.Fail(status);
  if (response.messages().empty()) {
    return run.Fail(LocalFailure(absl::StatusCode::kDeadlineExceeded,
                                 patience == absl::ZeroDuration()
                                     ? std::string("no message is waiting")
                                     : absl::StrCat("no message within ", absl::FormatDuration(patience)),
                                 "wait longer with --timeout; `l3linkctl channels show` tells whether anything came"));
  }
  ShowMessages(run.out(), response.messages(), options.view.view);
  return ExitCode::kOk;
}

struct AckOptions {
  ObjectReference channel;
  uint32_t lane = 0;
  uint64_t through = 0;
};

ExitCode Acknowledge(Run& run, const AckOptions& options) {
  v1::AckRequest request;
  options.channel.To(request.mutable_channel());
  request.set_lane(options.lane);
  request.set_through(options.through);
  v1::AckResponse response;
  const grpc::Status status =
      run.node().Call(run.node().channels(), &v1::ChannelService::Stub::Ack, request, &response);
  if (!status.ok()) return run.Fail(status);
  run.out().Show(ToJson(response),
                 {absl::StrCat("consumed ", response.consumed(), "\n"), absl::StrCat(response.consumed(), "\n")});
  return ExitCode::kOk;
}

struct PeekOptions {
  ObjectReference channel;
  v1::Direction direction = v1::DIRECTION_CHIP_TO_HOST;
  uint32_t lane = 0;
  uint32_t max_messages = 16;
  ViewOptions view;
};

ExitCode Peek(Run& run, const PeekOptions& options) {
  v1::PeekRequest request;
  options.channel.To(request.mutable_channel());
  request.set_direction(options.direction);
  request.set_lane(options.lane);
  request.set_max_messages(options.max_messages);
  request.set_form(v1::FORM_DATA);
  v1::PeekResponse response;
  const grpc::Status status =
      run.node().Call(run.node().channels(), &v1::ChannelService::Stub::Peek, request, &response);
  if (!status.ok()) return run.Fail(status);
  ShowMessages(run.out(), response.messages(), options.view.view);
  return ExitCode::kOk;
}

void AddSend(CommandTree& tree) {
  auto options = std::make_shared<SendOptions>();
  CLI::App* command =
      tree.Add(tree.app(), "send", "Sends messages on the lane of their route",
               "l3linkctl send jobs hello world\nl3linkctl send 1/jobs --route 3 --correlation 7 hello\n"
               "l3linkctl send jobs --hex 00ff7e\nl3linkctl send jobs --file prompt.bin",
               [options](Run& run) { return Send(run, *options); });
  AddReference(command, "channel", &options->channel);
  options->bodies.AddTo(command, "text,--text");
  command->add_option("--route", options->route, "Goes to lane route % host_to_chip_lanes; default 0");
  command->add_option("--correlation", options->correlation_id, "Of the first message; the next ones count on");
  CLI::Option* session =
      command->add_option("--session", options->session_id, "With --sequence: exactly once, however often repeated");
  command
      ->add_option_function<uint64_t>(
          "--sequence", [options](uint64_t sequence) { options->sequence = sequence; },
          "Of the first message in its lane")
      ->needs(session);
}

void AddReceive(CommandTree& tree) {
  auto options = std::make_shared<ReceiveOptions>();
  CLI::App* command = tree.Add(tree.app(), "recv", "Takes messages; waits 1s for the first unless --timeout says",
                               "l3linkctl recv jobs\nl3linkctl recv jobs -n 16 --timeout 5s -o jsonl\n"
                               "l3linkctl recv jobs -o raw > reply.bin\nl3linkctl recv jobs --no-ack --lane 0",
                               [options](Run& run) { return Receive(run, *options); });
  AddReference(command, "channel", &options->channel);
  command->add_option_function<uint32_t>(
      "--lane", [options](uint32_t lane) { options->lane = lane; }, "From this lane; default: all in fair turn");
  command->add_option("-n,--max", options->max_messages, "Messages at most")->capture_default_str();
  command->add_flag("--no-ack", options->no_ack, "Leave them in the ring; `l3linkctl ack` takes them out");
  options->view.AddTo(command);
}

void AddAck(CommandTree& tree) {
  auto options = std::make_shared<AckOptions>();
  CLI::App* command = tree.Add(tree.app(), "ack", "Takes messages below a sequence out of a lane, after recv --no-ack",
                               "l3linkctl recv jobs --lane 0 -n 4 --no-ack && l3linkctl ack jobs 0 4",
                               [options](Run& run) { return Acknowledge(run, *options); });
  AddReference(command, "channel", &options->channel);
  command->add_option("lane", options->lane, "Of chip_to_host")->required();
  command->add_option("through", options->through, "Sequences below this are processed")->required();
}

void AddPeek(CommandTree& tree) {
  auto options = std::make_shared<PeekOptions>();
  CLI::App* command =
      tree.Add(tree.app(), "peek", "Looks at waiting messages; moves nothing, also on held and poisoned lanes",
               "l3linkctl peek jobs\nl3linkctl peek jobs --direction h2c --lane 2 -n 4",
               [options](Run& run) { return Peek(run, *options); });
  AddReference(command, "channel", &options->channel);
  AddDirection(command, "--direction", "host_to_chip (h2c) or chip_to_host (c2h, the default)", &options->direction);
  command->add_option("--lane", options->lane, "Of that direction")->capture_default_str();
  command->add_option("-n,--max", options->max_messages, "Messages at most")->capture_default_str();
  options->view.AddTo(command);
}

}  // namespace

void AddMessageCommands(CommandTree& tree) {
  AddSend(tree);
  AddReceive(tree);
  AddAck(tree);
  AddPeek(tree);
}

}  // namespace l3link::cli
