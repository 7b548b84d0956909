// The parameter of the suite: one layer on one platform.
#ifndef L3LINK_TESTS_CONFORMANCE_LAYERS_LAYER_SUITE_H_
#define L3LINK_TESTS_CONFORMANCE_LAYERS_LAYER_SUITE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "tests/conformance/layers/layer.h"

namespace l3link {

// How long a test waits for what must come; a hang ends the test.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

class LayerTest : public testing::TestWithParam<std::tuple<LayerRow, std::string>> {
 protected:
  void Start(const std::vector<std::string>& programs) {
    layer_ = std::get<0>(GetParam()).make(std::get<1>(GetParam()), programs);
  }
  LayerHandle Channel(const ChannelShape& shape = {}) {
    LayerHandle channel = 0;
    const Answer answer = layer_->OpenChannel(shape, &channel);
    EXPECT_EQ(answer, Outcome::kOk);
    return channel;
  }
  LayerHandle Memory(uint64_t data_bytes, uint32_t signal_count = 2) {
    LayerHandle memory = 0;
    const Answer answer = layer_->OpenSharedMemory(data_bytes, signal_count, &memory);
    EXPECT_EQ(answer, Outcome::kOk);
    return memory;
  }
  Answer Send(LayerHandle channel, const std::string& payload, uint32_t route = 0, uint64_t correlation_id = 0,
              absl::Duration timeout = kPatience) {
    return layer_->ChannelSend(channel, route, payload.data(), payload.size(), correlation_id, timeout);
  }
  // The payload, whose size is message_'s then.
  Answer Recv(LayerHandle channel, std::string* payload, absl::Duration timeout = kPatience) {
    payload->assign(1 << 16, '\0');
    Answer answer = layer_->ChannelRecv(channel, payload->data(), payload->size(), &message_, timeout);
    payload->resize(answer == Outcome::kOk ? message_.nbytes : 0);
    return answer;
  }

  std::unique_ptr<Layer> layer_;
  MessageFacts message_;
};

inline std::string LayerTestName(const testing::TestParamInfo<std::tuple<LayerRow, std::string>>& info) {
  return std::get<0>(info.param).name + "_" + std::get<1>(info.param);
}

}  // namespace l3link

#endif  // L3LINK_TESTS_CONFORMANCE_LAYERS_LAYER_SUITE_H_
