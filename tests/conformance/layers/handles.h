// A layer's objects by number. Any thread.
//
// Closed objects stay: what the layer says of them is part of the suite.
#ifndef L3LINK_TESTS_CONFORMANCE_LAYERS_HANDLES_H_
#define L3LINK_TESTS_CONFORMANCE_LAYERS_HANDLES_H_

#include <mutex>
#include <utility>
#include <vector>

#include "tests/conformance/layers/layer.h"

namespace l3link {

template <typename Object>
class Handles {
 public:
  LayerHandle Add(Object object) {
    std::lock_guard<std::mutex> lock(mutex_);
    objects_.push_back(std::move(object));
    return objects_.size() - 1;
  }
  Object Get(LayerHandle handle) {
    std::lock_guard<std::mutex> lock(mutex_);
    return objects_.at(handle);
  }

 private:
  std::mutex mutex_;
  std::vector<Object> objects_;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_CONFORMANCE_LAYERS_HANDLES_H_
