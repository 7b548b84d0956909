// The operations that a host program has at every layer, as the conformance suite sees them: pointer and size, no gRPC, no
// proto, none of the layer's own types.
//
// A layer is a subclass that starts a chip of its own, and a row in layers.cc. Any thread may call, several at once.
#ifndef L3LINK_TESTS_CONFORMANCE_LAYERS_LAYER_H_
#define L3LINK_TESTS_CONFORMANCE_LAYERS_LAYER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace l3link {

enum class Outcome {
  kOk,
  kTimedOut,     // to be told from every error
  kTooLarge,     // message for channel, or for the room that it was to come into
  kRefused,      // a wrong argument, or what the handle names is closed
  kUnsupported,  // not on this platform
  kBroken,
};

struct Answer {
  Outcome outcome = Outcome::kOk;
  std::string words;  // of an error

  bool operator==(Outcome other) const { return outcome == other; }
};
std::ostream& operator<<(std::ostream& out, const Answer& answer);

// Of a channel or region, as the layer numbers them.
using LayerHandle = uint64_t;

struct ChannelShape {
  uint32_t cpu_to_l2_lanes = 1;
  uint32_t l2_to_cpu_lanes = 1;
  uint32_t lane_depth = 64;
  uint32_t max_message_bytes = 256;
};

struct MemoryFacts {
  uint64_t host_ptr;  // 0 where the caller is remote
  uint64_t device_ptr;
  uint64_t data_bytes;
  uint32_t signal_count;
};

struct MessageFacts {
  size_t nbytes = 0;
  uint64_t correlation_id = 0;
  uint32_t route = 0;
};

class Layer {
 public:
  virtual ~Layer() = default;

  virtual bool in_process() const = 0;
  // Messages that are taken of a lane that nobody reads: between its depth and so many.
  virtual uint64_t MostTaken(uint32_t lane_depth) const { return lane_depth; }

  virtual Answer OpenChannel(const ChannelShape& shape, LayerHandle* channel) = 0;
  virtual Answer CloseChannel(LayerHandle channel) = 0;
  virtual Answer ChannelSend(LayerHandle channel, uint32_t route, const void* data, size_t nbytes,
                             uint64_t correlation_id, absl::Duration timeout) = 0;
  // kTooLarge: message->nbytes is what it needs, and it stays.
  virtual Answer ChannelRecv(LayerHandle channel, void* dst, size_t capacity, MessageFacts* message,
                             absl::Duration timeout) = 0;

  // Signal 0 is notified by the host, signal 1 by the chip.
  virtual Answer OpenSharedMemory(uint64_t data_bytes, uint32_t signal_count, LayerHandle* memory) = 0;
  virtual Answer CloseSharedMemory(LayerHandle memory) = 0;
  virtual Answer SharedMemoryInfo(LayerHandle memory, MemoryFacts* facts) = 0;
  virtual Answer SharedMemoryRead(LayerHandle memory, uint64_t offset, void* dst, size_t n) = 0;
  virtual Answer SharedMemoryWrite(LayerHandle memory, uint64_t offset, const void* src, size_t n) = 0;
  virtual Answer SharedMemoryNotify(LayerHandle memory, uint32_t signal, uint64_t value) = 0;
  // Until value >= target.
  virtual Answer SharedMemoryWait(LayerHandle memory, uint32_t signal, uint64_t target, absl::Duration timeout) = 0;
};

struct LayerRow {
  std::string name;
  // On a chip of `platform` that runs the programs. Fails the test and ends it when that is impossible.
  std::unique_ptr<Layer> (*make)(const std::string& platform, const std::vector<std::string>& programs);
};

// Every layer there is.
const std::vector<LayerRow>& AllLayers();

}  // namespace l3link

#endif  // L3LINK_TESTS_CONFORMANCE_LAYERS_LAYER_H_
