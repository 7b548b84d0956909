// The channel calls of runtime_c_api.h.
#include <utility>
#include <vector>

#include "backends/runtime/argument_checks.h"
#include "backends/runtime/registry.h"
#include "backends/runtime/result.h"
#include "backends/runtime/runtime_c_api.h"

namespace l3link {
namespace {

absl::StatusOr<ChannelConfig> ConfigOf(const HostDeviceChannelConfig* cfg, uint32_t known_flags) {
  if (cfg == nullptr) return NullPointer("cfg");
  const std::pair<const char*, uint32_t> fields[] = {{"lane_count_cpu_to_l2", cfg->lane_count_cpu_to_l2},
                                                     {"lane_count_l2_to_cpu", cfg->lane_count_l2_to_cpu},
                                                     {"lane_depth", cfg->lane_depth},
                                                     {"max_message_bytes", cfg->max_message_bytes}};
  for (const auto& [name, value] : fields) {
    if (value == 0) return WrongField(name, value, "1 or more");
  }
  if ((cfg->flags & ~known_flags) != 0) return WrongField("flags", cfg->flags, "a sum of known flags");
  ChannelConfig config;
  config.host_to_chip_lanes = cfg->lane_count_cpu_to_l2;
  config.chip_to_host_lanes = cfg->lane_count_l2_to_cpu;
  config.lane.lane_depth = cfg->lane_depth;
  config.lane.max_message_bytes = cfg->max_message_bytes;
  config.lane.checksum = (cfg->flags & L3LINK_CHANNEL_CHECKSUM) != 0;
  return config;
}

absl::StatusOr<void*> HandleOf(void* ctx, DeviceContext& context, const std::shared_ptr<HostChannel>& channel,
                               bool owner) {
  void* handle = Registry::Get().AddChannel(ctx, channel, owner);
  if (handle != nullptr) return handle;
  if (owner) (void)context.calls().CloseChannel(*channel);
  return StaleHandle("ctx");
}

absl::StatusOr<void*> OpenChannel(void* ctx, absl::string_view name, const absl::StatusOr<ChannelConfig>& config) {
  const std::shared_ptr<DeviceContext> context = Registry::Get().FindContext(ctx);
  if (context == nullptr) return StaleHandle("ctx");
  if (!config.ok()) return config.status();
  absl::StatusOr<std::shared_ptr<HostChannel>> channel = context->calls().OpenChannel(name, *config);
  if (!channel.ok()) return channel.status();
  return HandleOf(ctx, *context, *channel, true);
}

absl::StatusOr<void*> AttachChannel(void* ctx, const char* name) {
  const std::shared_ptr<DeviceContext> context = Registry::Get().FindContext(ctx);
  if (context == nullptr) return StaleHandle("ctx");
  if (name == nullptr) return NullPointer("name");
  absl::StatusOr<std::shared_ptr<HostChannel>> channel = context->calls().FindChannel(name);
  if (!channel.ok()) return channel.status();
  return HandleOf(ctx, *context, *channel, false);
}

int CloseChannel(void* ctx, void* ch) {
  if (ch == nullptr) return kDone;
  const HeldChannel held = Registry::Get().RemoveChannel(ctx, ch);
  if (!held) return Report(StaleHandle("ch"));
  // That another handle of it closed it before is no fault of this one.
  if (held.owner) (void)held.context->calls().CloseChannel(*held.object);
  return kDone;
}

int Send(void* ctx, void* ch, absl::Span<const OutgoingMessage> messages, absl::Duration timeout, size_t* out_sent) {
  const HeldChannel held = Registry::Get().FindChannel(ctx, ch);
  if (!held) return Report(StaleHandle("ch"));
  absl::StatusOr<size_t> sent = held.context->calls().ChannelSend(*held.object, messages, timeout);
  if (sent.ok() && out_sent != nullptr) *out_sent = *sent;
  return Report(sent.status());
}

int Recv(void* ctx, void* ch, absl::Span<IncomingMessage> messages, absl::Duration timeout, size_t* out_received) {
  const HeldChannel held = Registry::Get().FindChannel(ctx, ch);
  if (!held) return Report(StaleHandle("ch"));
  absl::StatusOr<size_t> received = held.context->calls().ChannelRecv(*held.object, messages, timeout);
  if (received.ok()) *out_received = *received;
  return Report(received.status());
}

int SendOne(void* ctx, void* ch, const OutgoingMessage& message, uint32_t timeout_us) {
  if (message.payload.data() == nullptr && !message.payload.empty()) return Report(NullPointer("data"));
  return Send(ctx, ch, absl::MakeConstSpan(&message, 1), TimeoutOf(timeout_us), nullptr);
}

// What the caller is told of a message, whether it came or was too large.
void Tell(const MessageHeader& header, size_t* nbytes, uint64_t* correlation_id, uint32_t* route) {
  *nbytes = header.payload_bytes;
  *correlation_id = header.correlation_id;
  *route = header.route;
}

int SendBatch(void* ctx, void* ch, absl::Span<const L3LinkOutgoing> messages, size_t* out_sent, int64_t timeout_us) {
  *out_sent = 0;
  std::vector<OutgoingMessage> batch;
  batch.reserve(messages.size());
  for (const L3LinkOutgoing& message : messages) {
    if (message.data == nullptr && message.nbytes > 0) return Report(NullPointer("data"));
    batch.push_back({message.route, message.correlation_id, BytesAt(message.data, message.nbytes)});
  }
  return Send(ctx, ch, batch, SignedTimeoutOf(timeout_us), out_sent);
}

int RecvBatch(void* ctx, void* ch, absl::Span<L3LinkIncoming> messages, size_t* out_received, int64_t timeout_us) {
  *out_received = 0;
  std::vector<IncomingMessage> batch;
  batch.reserve(messages.size());
  for (const L3LinkIncoming& message : messages) {
    if (message.dst == nullptr && message.capacity > 0) return Report(NullPointer("dst"));
    batch.push_back({BytesAt(message.dst, message.capacity)});
  }
  const int code = Recv(ctx, ch, absl::MakeSpan(batch), SignedTimeoutOf(timeout_us), out_received);
  const size_t told = code == kTooLarge ? 1 : *out_received;
  for (size_t i = 0; i < told; ++i) {
    Tell(batch[i].header, &messages[i].nbytes, &messages[i].correlation_id, &messages[i].route);
  }
  return code;
}

}  // namespace
}  // namespace l3link

using namespace l3link;

extern "C" {

void* open_host_device_channel_ctx(DeviceContextHandle ctx, const HostDeviceChannelConfig* cfg) {
  return GuardedOpen([&] { return OpenChannel(ctx, "", ConfigOf(cfg, 0)); });
}

int close_host_device_channel_ctx(DeviceContextHandle ctx, void* ch) {
  return Guarded([&] { return CloseChannel(ctx, ch); });
}

int host_device_send_ctx(DeviceContextHandle ctx, void* ch, uint32_t route, const void* data, size_t nbytes,
                         uint64_t correlation_id, uint32_t timeout_us) {
  return Guarded([&] { return SendOne(ctx, ch, {route, correlation_id, BytesAt(data, nbytes)}, timeout_us); });
}

int host_device_recv_ctx(DeviceContextHandle ctx, void* ch, void* dst, size_t capacity, size_t* out_nbytes,
                         uint64_t* out_correlation_id, uint32_t* out_route, uint32_t timeout_us) {
  return Guarded([&] {
    if (out_nbytes == nullptr || out_correlation_id == nullptr || out_route == nullptr) {
      return Report(NullPointer("out_nbytes, out_correlation_id or out_route"));
    }
    *out_nbytes = 0;
    if (dst == nullptr && capacity > 0) return Report(NullPointer("dst"));
    IncomingMessage message{BytesAt(dst, capacity)};
    size_t received = 0;
    const int code = Recv(ctx, ch, absl::MakeSpan(&message, 1), TimeoutOf(timeout_us), &received);
    if (code == kDone || code == kTooLarge) Tell(message.header, out_nbytes, out_correlation_id, out_route);
    return code;
  });
}

void* l3link_channel_open(DeviceContextHandle ctx, const char* name, const HostDeviceChannelConfig* cfg) {
  return GuardedOpen([&]() -> absl::StatusOr<void*> {
    if (name == nullptr || *name == '\0') return absl::InvalidArgumentError("name: null or empty");
    return OpenChannel(ctx, name, ConfigOf(cfg, L3LINK_CHANNEL_CHECKSUM));
  });
}

void* l3link_channel_attach(DeviceContextHandle ctx, const char* name) {
  return GuardedOpen([&] { return AttachChannel(ctx, name); });
}

int l3link_channel_send(DeviceContextHandle ctx, void* ch, const L3LinkOutgoing* messages, size_t count,
                        size_t* out_sent, int64_t timeout_us) {
  return Guarded([&] {
    if (out_sent == nullptr || (messages == nullptr && count > 0)) return Report(NullPointer("messages or out_sent"));
    return SendBatch(ctx, ch, absl::MakeConstSpan(messages, count), out_sent, timeout_us);
  });
}

int l3link_channel_recv(DeviceContextHandle ctx, void* ch, L3LinkIncoming* messages, size_t count, size_t* out_received,
                        int64_t timeout_us) {
  return Guarded([&] {
    if (out_received == nullptr || (messages == nullptr && count > 0))
      return Report(NullPointer("messages or out_received"));
    return RecvBatch(ctx, ch, absl::MakeSpan(messages, count), out_received, timeout_us);
  });
}

}  // extern "C"
