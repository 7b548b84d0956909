// channels open, ls, show, close, reset, release.
#include "absl/strings/str_cat.h"
#include "client/cli/command_groups.h"
#include "client/cli/lane_table.h"
#include "client/cli/protobuf_duration.h"
#include "client/cli/quantity.h"
#include "client/cli/table.h"

namespace l3link::cli {
namespace {

std::string Reference(const v1::ChannelId& id) {
  return FormatObjectReference(id.worker_id(), id.name(), id.generation());
}

// What open and show say of one channel.
Rendering ChannelRendering(const v1::Channel& channel, const std::string& heading) {
  const v1::ChannelConfig& config = channel.config();
  const std::string text =
      absl::StrCat(heading, Reference(channel.id()), ": lane_depth ", config.lane_depth(), ", max_message_bytes ",
                   config.max_message_bytes(), ", payload ring ", FormatByteCount(config.payload_ring_bytes()),
                   " a lane, alignment ", config.alignment(), config.checksum() ? ", checksum" : "", ", ",
                   FormatByteCount(channel.bytes()), " of the arena\n", LaneTable(channel));
  return {text, Reference(channel.id()) + "\n"};
}

struct OpenOptions {
  ObjectReference reference;
  uint64_t max_message_bytes = 0;
  uint64_t payload_ring_bytes = 0;
  v1::ChannelConfig config;
};

ExitCode Open(Run& run, const OpenOptions& options) {
  v1::OpenChannelRequest request;
  request.set_worker_id(options.reference.worker_id);
  request.set_name(options.reference.name);
  *request.mutable_config() = options.config;
  if (options.max_message_bytes > UINT32_MAX) return run.Usage("--max-message-bytes is more than 32 bits hold");
  request.mutable_config()->set_max_message_bytes(static_cast<uint32_t>(options.max_message_bytes));
  request.mutable_config()->set_payload_ring_bytes(options.payload_ring_bytes);
  v1::OpenChannelResponse response;
  const grpc::Status status =
      run.node().Call(run.node().channels(), &v1::ChannelService::Stub::OpenChannel, request, &response);
  if (!status.ok()) return run.Fail(status);
  run.out().Show(ToJson(response),
                 ChannelRendering(response.channel(), response.created() ? "opened " : "open already "));
  return ExitCode::kOk;
}

void AddOpen(CommandTree& tree, CLI::App* channels) {
  auto options = std::make_shared<OpenOptions>();
  CLI::App* command =
      tree.Add(*channels, "open", "Opens a channel; the same name and config again answers the same channel",
               "l3linkctl channels open jobs\nl3linkctl channels open 1/jobs --h2c 4 --c2h 4 --depth 256\n"
               "l3linkctl channels open big --max-message-bytes 16Mi --depth 4",
               [options](Run& run) { return Open(run, *options); });
  AddNewReference(command, "channel", &options->reference);
  v1::ChannelConfig* config = &options->config;
  const auto add_u32 = [command, config](const std::string& name, const std::string& help,
                                         void (v1::ChannelConfig::*set)(uint32_t)) {
    command->add_option_function<uint32_t>(
        name, [config, set](uint32_t value) { (config->*set)(value); }, help);
  };
  add_u32("--h2c", "Lanes from host to chip (one each way when neither is given)",
          &v1::ChannelConfig::set_host_to_chip_lanes);
  add_u32("--c2h", "Lanes from chip to host", &v1::ChannelConfig::set_chip_to_host_lanes);
  add_u32("--depth", "Messages a lane; a power of two; default 64", &v1::ChannelConfig::set_lane_depth);
  add_u32("--alignment", "Of payloads, in bytes; 8 to 512; default 64", &v1::ChannelConfig::set_alignment);
  AddBytes(command, "--max-message-bytes", "Largest message; default 4Ki, at most 64Mi", &options->max_message_bytes);
  AddBytes(command, "--payload-ring-bytes", "Payload space a lane; default: chosen by the node",
           &options->payload_ring_bytes);
  command->add_flag_callback(
      "--checksum", [config] { config->set_checksum(true); }, "Descriptors carry a CRC-32C of the payload");
}

ExitCode List(Run& run, const absl::optional<uint32_t>& worker) {
  v1::ListChannelsRequest request;
  if (worker.has_value()) request.set_worker_id(*worker);
  v1::ListChannelsResponse response;
  const grpc::Status status =
      run.node().Call(run.node().channels(), &v1::ChannelService::Stub::ListChannels, request, &response);
  if (!status.ok()) return run.Fail(status);
  std::string raw;
  for (const v1::Channel& channel : response.channels()) absl::StrAppend(&raw, Reference(channel.id()), "\n");
  run.out().ShowList("channels", ToJson(response)["channels"], {ChannelTable(response), raw});
  return ExitCode::kOk;
}

ExitCode ShowOne(Run& run, const ObjectReference& reference) {
  v1::GetChannelRequest request;
  reference.To(request.mutable_channel());
  v1::GetChannelResponse response;
  const grpc::Status status =
      run.node().Call(run.node().channels(), &v1::ChannelService::Stub::GetChannel, request, &response);
  if (!status.ok()) return run.Fail(status);
  run.out().Show(ToJson(response.channel()), ChannelRendering(response.channel(), ""));
  return ExitCode::kOk;
}

ExitCode Close(Run& run, const ObjectReference& reference, bool drain) {
  v1::CloseChannelRequest request;
  reference.To(request.mutable_channel());
  request.set_drain(drain);
  const absl::Duration patience = drain ? run.TimeoutOr(absl::Seconds(10)) : absl::ZeroDuration();
  if (drain) *request.mutable_timeout() = ToProtoDuration(patience);
  v1::CloseChannelResponse response;
  const grpc::Status status = run.node().CallAndWait(patience, run.node().channels(),
                                                     &v1::ChannelService::Stub::CloseChannel, request, &response);
  if (!status.ok()) return run.Fail(status);
  run.out().Show(ToJson(response), {absl::StrCat("closed ", reference.worker_id, "/", reference.name, ", ",
                                                 response.dropped(), " messages dropped\n"),
                                    absl::StrCat(response.dropped(), "\n")});
  return ExitCode::kOk;
}

// reset and release name one lane.
struct LaneOptions {
  ObjectReference reference;
  v1::Direction direction = v1::DIRECTION_UNSPECIFIED;
  uint32_t lane = 0;

  void AddTo(CLI::App* command) {
    AddReference(command, "channel", &reference);
    AddDirection(command, "direction", "host_to_chip (h2c) or chip_to_host (c2h)", &direction)->required();
    command->add_option("lane", lane, "Which lane of that direction")->required();
  }

  template <typename Request>
  Request To() const {
    Request request;
    reference.To(request.mutable_channel());
    request.set_direction(direction);
    request.set_lane(lane);
    return request;
  }
};

ExitCode Reset(Run& run, const LaneOptions& options) {
  v1::ResetLaneResponse response;
  const grpc::Status status = run.node().Call(run.node().node(), &v1::NodeService::Stub::ResetLane,
                                              options.To<v1::ResetLaneRequest>(), &response);
  if (!status.ok()) return run.Fail(status);
  run.out().Show(ToJson(response.lane()),
                 {absl::StrCat("reset ", DirectionName(options.direction), " lane ", options.lane,
                               ": empty, generation ", response.lane().generation(), ", sequences restart at 0\n"),
                  absl::StrCat(response.lane().generation(), "\n")});
  return ExitCode::kOk;
}

ExitCode Release(Run& run, const LaneOptions& options) {
  v1::ReleaseLeaseResponse response;
  const grpc::Status status = run.node().Call(run.node().node(), &v1::NodeService::Stub::ReleaseLease,
                                              options.To<v1::ReleaseLeaseRequest>(), &response);
  if (!status.ok()) return run.Fail(status);
  run.out().Show(ToJson(response), {absl::StrCat("released ", DirectionName(options.direction), " lane ", options.lane,
                                                 " from session ", Printable(response.session_id()), ": published ",
                                                 response.published(), ", acked ", response.acked(), "\n"),
                                    absl::StrCat(response.session_id(), "\n")});
  return ExitCode::kOk;
}

}  // namespace

void AddChannelCommands(CommandTree& tree) {
  CLI::App* channels = tree.AddGroup("channels", "Open, list, show and close channels; reset and release their lanes");
  AddOpen(tree, channels);

  auto worker = std::make_shared<absl::optional<uint32_t>>();
  tree.Add(*channels, "ls", "Every channel, with what waits in its lanes",
           "l3linkctl channels ls\nl3linkctl channels ls --worker 1 -o jsonl",
           [worker](Run& run) { return List(run, *worker); })
      ->add_option_function<uint32_t>(
          "--worker", [worker](uint32_t id) { *worker = id; }, "Of this worker only");

  auto shown = std::make_shared<ObjectReference>();
  AddReference(tree.Add(*channels, "show", "One channel and the live state of each lane",
                        "l3linkctl channels show jobs\nl3linkctl channels show 1/jobs@3 -o json",
                        [shown](Run& run) { return ShowOne(run, *shown); }),
               "channel", shown.get());

  auto closed = std::make_shared<ObjectReference>();
  auto drain = std::make_shared<bool>(false);
  CLI::App* close = tree.Add(*channels, "close", "Closes a channel, dropping what is in its lanes unless --drain",
                             "l3linkctl channels close jobs\nl3linkctl channels close jobs --drain --timeout 30s",
                             [closed, drain](Run& run) { return Close(run, *closed, *drain); });
  AddReference(close, "channel", closed.get());
  close->add_flag("--drain", *drain, "Wait until nothing is left in the lanes (--timeout, default 10s)");

  auto reset = std::make_shared<LaneOptions>();
  reset->AddTo(tree.Add(*channels, "reset", "Empties a lane and clears its poison; its sequences restart at 0",
                        "l3linkctl channels reset jobs c2h 0", [reset](Run& run) { return Reset(run, *reset); }));

  auto release = std::make_shared<LaneOptions>();
  release->AddTo(tree.Add(*channels, "release", "Takes a lane from the session that holds it",
                          "l3linkctl channels release jobs h2c 2",
                          [release](Run& run) { return Release(run, *release); }));
}

}  // namespace l3link::cli
