// What hosts of the two example programs send, and what must come back: computed here once more.
#ifndef L3LINK_TESTS_EXAMPLES_PAYLOADS_H_
#define L3LINK_TESTS_EXAMPLES_PAYLOADS_H_

#include <cstring>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "backends/examples/frames.h"
#include "backends/examples/jobs.h"

namespace l3link {

inline std::string BytesOfFloats(const std::vector<float>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

inline std::string JobOf(uint32_t operation, const std::vector<float>& values) {
  const job head = {operation, static_cast<uint32_t>(values.size())};
  return std::string(reinterpret_cast<const char*>(&head), sizeof(head)) + BytesOfFloats(values);
}

inline std::string AnswerOf(uint32_t state, const std::vector<float>& values) {
  const job_answer head = {state, static_cast<uint32_t>(values.size())};
  return std::string(reinterpret_cast<const char*>(&head), sizeof(head)) + BytesOfFloats(values);
}

// Whole numbers, so that sums are exact.
inline std::vector<float> FrameInput(uint64_t frame) {
  std::vector<float> values(FRAME_VALUES);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>((frame * 7 + i) % 32);
  return values;
}

inline std::vector<float> FrameOutput(uint64_t frame) {
  std::vector<float> values = FrameInput(frame);
  std::partial_sum(values.begin(), values.end(), values.begin());
  return values;
}

}  // namespace l3link

#endif  // L3LINK_TESTS_EXAMPLES_PAYLOADS_H_
