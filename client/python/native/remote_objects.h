// What the Python objects of a remote node hold, shared by the files that bind them.
#ifndef L3LINK_CLIENT_PYTHON_NATIVE_REMOTE_OBJECTS_H_
#define L3LINK_CLIENT_PYTHON_NATIVE_REMOTE_OBJECTS_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "client/channel.h"
#include "client/lane_stream.h"
#include "client/orchestrator.h"
#include "client/python/native/buffers.h"
#include "client/python/native/waiting.h"
#include "client/region.h"

namespace l3link::python {

struct BoundOrchestrator : Handle<client::Orchestrator> {
  explicit BoundOrchestrator(std::shared_ptr<client::Orchestrator> held)
      : Handle(std::move(held), "the orchestrator") {}
};

struct BoundChannel : Handle<client::Channel> {
  explicit BoundChannel(std::shared_ptr<client::Channel> held) : Handle(std::move(held), "the channel") {}

  // Messages that were larger than what a caller had room for; the next calls begin with them.
  std::deque<Message> kept;  // with the GIL
};

struct BoundStream : Handle<client::LaneStream> {
  // Set by a sender of an asyncio loop that found no room, or waits for messages to be published.
  using Wanted = std::shared_ptr<std::atomic<bool>>;

  BoundStream(std::shared_ptr<client::LaneStream> held, Wanted progress_wanted)
      : Handle(std::move(held), "the stream"), progress_wanted(std::move(progress_wanted)) {}

  const Wanted progress_wanted;
};

struct BoundRegion : Handle<client::Region> {
  explicit BoundRegion(std::shared_ptr<client::Region> held) : Handle(std::move(held), "the region") {}
};

}  // namespace l3link::python

#endif  // L3LINK_CLIENT_PYTHON_NATIVE_REMOTE_OBJECTS_H_
