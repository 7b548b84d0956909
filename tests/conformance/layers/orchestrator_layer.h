// The remote Orchestrator: gRPC to a node of its own, a real l3linkd.
#ifndef L3LINK_TESTS_CONFORMANCE_LAYERS_ORCHESTRATOR_LAYER_H_
#define L3LINK_TESTS_CONFORMANCE_LAYERS_ORCHESTRATOR_LAYER_H_

#include "tests/conformance/layers/layer.h"

namespace l3link {

std::unique_ptr<Layer> MakeOrchestratorLayer(const std::string& platform, const std::vector<std::string>& programs);

}  // namespace l3link

#endif  // L3LINK_TESTS_CONFORMANCE_LAYERS_ORCHESTRATOR_LAYER_H_
