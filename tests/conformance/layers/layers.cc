#include "tests/conformance/layers/chip_worker_layer.h"
#include "tests/conformance/layers/layer.h"
#include "tests/conformance/layers/orchestrator_layer.h"
#include "tests/conformance/layers/runtime_layer.h"
#include "tests/conformance/layers/worker_layer.h"

namespace l3link {

std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  return out << "outcome " << static_cast<int>(answer.outcome) << ": " << answer.words;
}

const std::vector<LayerRow>& AllLayers() {
  static const std::vector<LayerRow>& rows = *new std::vector<LayerRow>{{"ChipWorker", MakeChipWorkerLayer},
                                                                        {"Worker", MakeWorkerLayer},
                                                                        {"Runtime", MakeRuntimeLayer},
                                                                        {"Orchestrator", MakeOrchestratorLayer}};
  return rows;
}

}  // namespace l3link
