// ChipWorker with its ChipCalls: one chip in this process.
#ifndef L3LINK_TESTS_CONFORMANCE_LAYERS_CHIP_WORKER_LAYER_H_
#define L3LINK_TESTS_CONFORMANCE_LAYERS_CHIP_WORKER_LAYER_H_

#include "tests/conformance/layers/layer.h"

namespace l3link {

std::unique_ptr<Layer> MakeChipWorkerLayer(const std::string& platform, const std::vector<std::string>& programs);

}  // namespace l3link

#endif  // L3LINK_TESTS_CONFORMANCE_LAYERS_CHIP_WORKER_LAYER_H_
