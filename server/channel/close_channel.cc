#include "server/channel/close_channel.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "backends/host/refusal.h"
#include "server/channel/find_channel.h"
#include "server/channel/wire_time.h"
#include "server/convert.h"
#include "server/errors.h"
#include "server/listen/peer.h"

namespace l3link {
namespace {

constexpr absl::Duration kLookAgain = absl::Milliseconds(5);
constexpr absl::Duration kDefaultTimeout = absl::Seconds(10);

// One CloseChannel under way. Kept alive by the ticker's action, at most one at a time.
class Closing : public std::enable_shared_from_this<Closing> {
 public:
  Closing(Node& node, Leases& leases, grpc::CallbackServerContext* context, const v1::CloseChannelRequest* request,
          v1::CloseChannelResponse* response)
      : node_(node),
        leases_(leases),
        context_(context),
        request_(*request),
        response_(response),
        reactor_(context->DefaultReactor()),
        deadline_(After(MonoNow(), TimeoutOf(*request))) {}

  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

  // Closes, refuses, or looks again soon.
  void Step(MonoTime now) {
    const absl::optional<absl::Status> result = Try(now);
    if (result) {
      reactor_->Finish(ToGrpc(*result));
    } else {
      node_.ticker().Add(After(now, kLookAgain), [self = shared_from_this()](MonoTime later) { self->Step(later); });
    }
  }

 private:
  static absl::Duration TimeoutOf(const v1::CloseChannelRequest& request) {
    return request.has_timeout() ? DurationOf(request.timeout()) : kDefaultTimeout;
  }

  // Nothing: not drained yet.
  absl::optional<absl::Status> Try(MonoTime now) {
    absl::Status legal = CheckTimeout(request_.timeout(), "0 looks once, none waits 10 s");
    if (!legal.ok()) return legal;
    absl::StatusOr<ChipWorker*> worker = node_.FindWorker(request_.channel().worker_id());
    if (!worker.ok()) return worker.status();
    ChipLock lock(**worker);
    absl::StatusOr<std::shared_ptr<HostChannel>> channel = FindChannel(**worker, request_.channel());
    if (!channel.ok()) return channel.status();
    const uint64_t left = MessagesLeft(**channel);
    if (request_.drain() && left > 0) {
      if (now < std::min(deadline_, node_.drain_deadline()) && !context_->IsCancelled()) return absl::nullopt;
      return Refuse(Reason::kOBJECT_BUSY,
                    absl::StrCat(ChannelLabel(request_.channel()), ": ", left,
                                 " messages are still in its lanes after the timeout; it stays open"),
                    {{"channel", (*channel)->name()}, {"undelivered", absl::StrCat(left)}});
    }
    (*worker)->objects().CloseChannel(**channel);
    leases_.of(**worker).ForgetChannel((*channel)->generation());
    response_->set_dropped(left);
    spdlog::info("{} closed by {}, {} messages dropped", ChannelLabel(request_.channel()), PeerLabel(context_->peer()),
                 left);
    return absl::OkStatus();
  }

  Node& node_;
  Leases& leases_;
  grpc::CallbackServerContext* const context_;
  const v1::CloseChannelRequest& request_;
  v1::CloseChannelResponse* const response_;
  grpc::ServerUnaryReactor* const reactor_;
  const MonoTime deadline_;
};

}  // namespace

uint64_t MessagesLeft(HostChannel& channel) {
  uint64_t left = 0;
  for (uint32_t lane = 0; lane < channel.lane_count(Direction::kHostToChip); ++lane) {
    LaneProducer& producer = *channel.lane(Direction::kHostToChip, lane).producer;
    (void)producer.PollConsumed();  // poisoned: the last good count stands
    left += producer.published() - producer.consumed();
  }
  for (uint32_t lane = 0; lane < channel.lane_count(Direction::kChipToHost); ++lane) {
    LaneConsumer& consumer = *channel.lane(Direction::kChipToHost, lane).consumer;
    (void)consumer.Poll();
    left += consumer.published() - consumer.acked();
  }
  return left;
}

grpc::ServerUnaryReactor* StartCloseChannel(Node& node, Leases& leases, grpc::CallbackServerContext* context,
                                            const v1::CloseChannelRequest* request,
                                            v1::CloseChannelResponse* response) {
  auto closing = std::make_shared<Closing>(node, leases, context, request, response);
  grpc::ServerUnaryReactor* reactor = closing->reactor();
  closing->Step(MonoNow());
  return reactor;
}

}  // namespace l3link
