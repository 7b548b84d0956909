// Serves ChannelService.Stream: accepts the calls, makes a ChannelStream for each, tells them all when the node drains.
//
// Made before the server starts, destroyed after it has stopped. The node, its leases and the service outlive it.
#ifndef L3LINK_SERVER_CHANNEL_CHANNEL_STREAMS_H_
#define L3LINK_SERVER_CHANNEL_CHANNEL_STREAMS_H_

#include <memory>

#include "server/channel/channel_stream.h"

namespace l3link {

class ChannelStreams {
 public:
  ChannelStreams(Node* node, Leases* leases, ChannelServiceBase* service)
      : node_(*node), leases_(*leases), service_(*service) {
    node_.OnDraining([this](MonoTime deadline) { anchors_.TellDraining(deadline); });
  }

  // Once the server and its queues run.
  void Start(QueuePool* pool) {
    acceptor_ = std::make_unique<ChannelStreamAcceptor>(&service_, pool, [this](ChannelStreamCall& call) {
      return std::make_unique<ChannelStream>(&node_, &leases_, &anchors_, &call);
    });
    acceptor_->Start();
  }

 private:
  Node& node_;
  Leases& leases_;
  ChannelServiceBase& service_;
  StreamAnchors anchors_;
  std::unique_ptr<ChannelStreamAcceptor> acceptor_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_CHANNEL_STREAMS_H_
