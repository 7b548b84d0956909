// The example programs as their docs have them: run by a real node, driven by an orchestrator.
#include "backends/testkit/node.h"

#include <gtest/gtest.h>

#include "client/orchestrator.h"
#include "tests/examples/payloads.h"
#include "tests/support/child_process.h"

namespace l3link {
namespace {

using client::LaneChoice;
using client::Orchestrator;

constexpr absl::Duration kPatience = absl::Seconds(60);

class ExampleNodeTest : public testing::TestWithParam<const char*> {
 protected:
  void Start(const std::string& program) {
    node_ = testkit::Node::Start({.chip_programs = {RunfilePath("backends/examples/lib" + program + ".so")},
                                  .platform = GetParam(),
                                  .l3linkd = RunfilePath("server/l3linkd")})
                .value();
    orchestrator_ = Orchestrator::Connect({node_->target()}).value();
  }
  void TearDown() override {
    orchestrator_.reset();
    EXPECT_EQ(node_->Stop(), absl::OkStatus());
  }

  std::unique_ptr<testkit::Node> node_;
  std::unique_ptr<Orchestrator> orchestrator_;
};

INSTANTIATE_TEST_SUITE_P(Platforms, ExampleNodeTest, testing::Values("a2a3sim", "a5sim"),
                         [](const auto& info) { return std::string(info.param); });

std::string Exchange(client::LaneStream& stream, const std::string& payload, uint64_t correlation_id) {
  const absl::Status sent = stream.Send({.payload = payload, .correlation_id = correlation_id}, kPatience);
  if (!sent.ok()) return sent.ToString();
  auto answer = stream.Receive(kPatience);
  if (!answer.ok()) return answer.status().ToString();
  EXPECT_EQ(answer->front().correlation_id, correlation_id);
  return std::string(answer->front().payload);
}

TEST_P(ExampleNodeTest, TheQueueWorkerAnswersJobsAndRefusesWhatIsNone) {
  Start("queue_worker");
  auto channel = orchestrator_->OpenChannel(0, "jobs").value();
  auto stream = channel->OpenStream({.send = LaneChoice::Lane(0), .receive = LaneChoice::Lane(0)}).value();
  EXPECT_EQ(Exchange(*stream, JobOf(JOB_SUM, {1, 2, 3.5}), 1), AnswerOf(JOB_DONE, {6.5}));
  EXPECT_EQ(Exchange(*stream, JobOf(JOB_LARGEST, {-4, -2, -3}), 2), AnswerOf(JOB_DONE, {-2}));
  EXPECT_EQ(Exchange(*stream, JobOf(JOB_SQUARES, {3, -4}), 3), AnswerOf(JOB_DONE, {9, 16}));
  EXPECT_EQ(Exchange(*stream, JobOf(JOB_SUM, {}), 4), AnswerOf(JOB_DONE, {0}));
  EXPECT_EQ(Exchange(*stream, JobOf(JOB_LARGEST, {}), 5), AnswerOf(JOB_REFUSED, {}));
  EXPECT_EQ(Exchange(*stream, JobOf(99, {1}), 6), AnswerOf(JOB_REFUSED, {}));
  EXPECT_EQ(Exchange(*stream, "no job", 7), AnswerOf(JOB_REFUSED, {}));
  EXPECT_EQ(Exchange(*stream, JobOf(JOB_SUM, {1, 2}) + "and more", 8), AnswerOf(JOB_REFUSED, {}));
}

TEST_P(ExampleNodeTest, TheQueueWorkerTakesFromEveryLaneInOrder) {
  Start("queue_worker");
  v1::ChannelConfig config;
  config.set_host_to_chip_lanes(3);
  config.set_chip_to_host_lanes(3);
  config.set_lane_depth(8);
  auto channel = orchestrator_->OpenChannel(0, "jobs", config).value();
  constexpr uint64_t kJobs = 100;
  std::vector<std::unique_ptr<client::LaneStream>> streams;
  for (uint32_t lane = 0; lane < 3; ++lane) {
    streams.push_back(channel->OpenStream({.send = LaneChoice::Lane(lane), .receive = LaneChoice::Lane(lane)}).value());
  }
  for (uint64_t i = 0; i < kJobs; ++i) {
    for (auto& stream : streams) {
      const std::string job = JobOf(JOB_SUM, {static_cast<float>(i), 1});
      ASSERT_EQ(stream->Send({.payload = job, .correlation_id = i}, kPatience), absl::OkStatus());
      if (i < 4) continue;  // a few are under way on every lane
      auto answer = stream->Receive(kPatience);
      ASSERT_TRUE(answer.ok()) << answer.status();
      EXPECT_EQ(answer->front().correlation_id, i - 4);
      EXPECT_EQ(answer->front().payload, AnswerOf(JOB_DONE, {static_cast<float>(i - 3)}));
    }
  }
}

TEST_P(ExampleNodeTest, TheQueueWorkerGoesOnWhenItsChannelIsOpenedAnew) {
  Start("queue_worker");
  for (int round = 0; round < 3; ++round) {
    auto channel = orchestrator_->OpenChannel(0, "jobs").value();
    auto stream = channel->OpenStream({.send = LaneChoice::Lane(0), .receive = LaneChoice::Lane(0)}).value();
    EXPECT_EQ(Exchange(*stream, JobOf(JOB_SUM, {1, 2}), 1), AnswerOf(JOB_DONE, {3}));
    stream.reset();
    ASSERT_TRUE(channel->Close().ok());
  }
}

TEST_P(ExampleNodeTest, ThePipelineAnswersEveryFrameWithSeveralUnderWay) {
  Start("pipeline");
  v1::RegionConfig config;
  config.set_data_bytes(FRAMES_BYTES);
  config.set_signal_count(FRAME_SIGNALS);
  auto region = orchestrator_->OpenRegion(0, "frames", config).value();
  constexpr uint64_t kFrames = 50;
  std::string output(FRAME_BYTES, '\0');
  for (uint64_t written = 0, read = 0; read < kFrames; ++read) {
    for (; written < kFrames && written < read + FRAME_SLOTS; ++written) {
      ASSERT_TRUE(region
                      ->WriteThenNotify(frame_input_at(written), BytesOfFloats(FrameInput(written)),
                                        {.signal = FRAMES_READY, .value = written + 1}, kPatience)
                      .ok());
    }
    auto done = region->Wait({.signal = FRAMES_DONE, .target = read + 1}, kPatience);
    ASSERT_TRUE(done.ok() && done->satisfied) << done.status();
    ASSERT_TRUE(region->Read(frame_output_at(read), absl::MakeSpan(output.data(), output.size()), kPatience).ok());
    EXPECT_EQ(output, BytesOfFloats(FrameOutput(read))) << "frame " << read;
  }
}

TEST_P(ExampleNodeTest, ThePipelineLeavesARegionThatIsTooSmallAlone) {
  Start("pipeline");
  v1::RegionConfig config;
  config.set_data_bytes(FRAMES_BYTES - 1);
  auto small = orchestrator_->OpenRegion(0, "frames", config).value();
  ASSERT_TRUE(small->Notify({.signal = FRAMES_READY, .value = 1}).ok());
  ASSERT_TRUE(small->Close().ok());
  config.set_data_bytes(FRAMES_BYTES);
  auto region = orchestrator_->OpenRegion(0, "frames", config).value();
  ASSERT_TRUE(region->Notify({.signal = FRAMES_READY, .value = 1}).ok());
  auto done = region->Wait({.signal = FRAMES_DONE, .target = 1}, kPatience);
  EXPECT_TRUE(done.ok() && done->satisfied) << done.status();
}

}  // namespace
}  // namespace l3link
