#include "server/health.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <memory>

#include "gtest/gtest.h"

namespace l3link {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

class HealthTest : public testing::Test {
 protected:
  HealthTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&health_);
    server_ = builder.BuildAndStart();
    stub_ = Health::NewStub(server_->InProcessChannel({}));
  }
  ~HealthTest() override { server_->Shutdown(std::chrono::system_clock::now()); }

  HealthCheckResponse::ServingStatus Check(const std::string& name, grpc::StatusCode expected = grpc::OK) {
    grpc::ClientContext context;
    HealthCheckRequest request;
    HealthCheckResponse response;
    request.set_service(name);
    EXPECT_EQ(stub_->Check(&context, request, &response).error_code(), expected);
    return response.status();
  }
  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> Watch(const std::string& name,
                                                                 grpc::ClientContext* context) {
    HealthCheckRequest request;
    request.set_service(name);
    return stub_->Watch(context, request);
  }

  HealthService health_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Health::Stub> stub_;
};

HealthCheckResponse::ServingStatus Next(grpc::ClientReader<HealthCheckResponse>& reader) {
  HealthCheckResponse response;
  EXPECT_TRUE(reader.Read(&response));
  return response.status();
}

TEST_F(HealthTest, ChecksNamesThatWereSet) {
  health_.Set("", true);
  health_.Set("chip/0", false);
  EXPECT_EQ(Check(""), HealthCheckResponse::SERVING);
  EXPECT_EQ(Check("chip/0"), HealthCheckResponse::NOT_SERVING);
  Check("chip/9", grpc::NOT_FOUND);
}

TEST_F(HealthTest, WatchersHearOfEveryLastingChangeAndTheEnd) {
  grpc::ClientContext context;
  auto reader = Watch("chip/0", &context);
  EXPECT_EQ(Next(*reader), HealthCheckResponse::SERVICE_UNKNOWN);
  health_.Set("chip/0", true);
  EXPECT_EQ(Next(*reader), HealthCheckResponse::SERVING);
  health_.Set("chip/0", true);
  health_.Set("chip/1", true);
  health_.Set("chip/0", false);
  EXPECT_EQ(Next(*reader), HealthCheckResponse::NOT_SERVING);
  health_.StopServing();
  HealthCheckResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(HealthTest, NothingServesAfterStopServing) {
  health_.Set("", true);
  health_.StopServing();
  health_.Set("", true);
  EXPECT_EQ(Check(""), HealthCheckResponse::NOT_SERVING);
}

TEST_F(HealthTest, AWatcherThatGoesAwayIsForgotten) {
  for (int i = 0; i < 20; ++i) {
    grpc::ClientContext context;
    auto reader = Watch("", &context);
    Next(*reader);
    context.TryCancel();
    EXPECT_EQ(reader->Finish().error_code(), grpc::CANCELLED);
    health_.Set("", i % 2 == 0);
  }
}

}  // namespace
}  // namespace l3link
