// The C calls of the shared library.
#ifndef L3LINK_TESTS_CONFORMANCE_LAYERS_RUNTIME_LAYER_H_
#define L3LINK_TESTS_CONFORMANCE_LAYERS_RUNTIME_LAYER_H_

#include "tests/conformance/layers/layer.h"

namespace l3link {

std::unique_ptr<Layer> MakeRuntimeLayer(const std::string& platform, const std::vector<std::string>& programs);

}  // namespace l3link

#endif  // L3LINK_TESTS_CONFORMANCE_LAYERS_RUNTIME_LAYER_H_
