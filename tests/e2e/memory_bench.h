// For tests of MemoryService: a real node whose chip runs vector_add, with a stub, and the calls that tests make often.
#ifndef L3LINK_TESTS_E2E_MEMORY_BENCH_H_
#define L3LINK_TESTS_E2E_MEMORY_BENCH_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "l3link/v1/memory.grpc.pb.h"
#include "tests/support/grpc_errors.h"
#include "tests/support/test_node.h"

namespace l3link {

// A protobuf from its text form.
template <typename Message>
Message Proto(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

class MemoryBench : public ::testing::Test {
 protected:
  using Stream = grpc::ClientReaderWriter<v1::MemoryServiceStreamRequest, v1::MemoryServiceStreamResponse>;

  void SetUp() override;

  // A region of that many bytes, with signals 0 (host), 1 (chip), 2 and 3 (both).
  v1::RegionId Open(const std::string& name, uint64_t data_bytes = 1024, uint32_t signal_count = 4);
  grpc::Status Close(const v1::RegionId& id);

  grpc::Status Write(const v1::RegionId& id, uint64_t offset, const std::string& data, const std::string& notify = "",
                     v1::WriteResponse* response = nullptr);
  grpc::Status Write(const std::vector<std::string>& pieces, v1::WriteResponse* response = nullptr);
  // Bytes as they came; `pieces` counts them.
  grpc::Status Read(const v1::ReadRequest& request, std::string* data, int* pieces = nullptr);
  grpc::Status Read(const v1::RegionId& id, uint64_t offset, uint64_t length, std::string* data);
  grpc::Status Notify(const v1::RegionId& id, const std::string& notify, const std::string& request_id = "",
                      uint64_t* value = nullptr);
  uint64_t SignalOf(const v1::RegionId& id, uint32_t signal);
  // Until the region counts so many waits.
  void AwaitWaits(const v1::RegionId& id, uint32_t waits);

  // A stream that has attached these regions.
  std::unique_ptr<Stream> Attach(grpc::ClientContext* context, const std::vector<v1::RegionId>& ids,
                                 const std::string& session_id = "", v1::MemoryAttached* attached = nullptr);
  static void Send(Stream& stream, const std::string& frame) {
    EXPECT_TRUE(stream.Write(Proto<v1::MemoryServiceStreamRequest>(frame))) << frame;
  }
  // The next frame, as text; "END code" when there is none.
  static std::string Next(Stream& stream);

  TestNode node_{{"--sim-program=vector_add", "--chips=2"}};
  std::unique_ptr<v1::MemoryService::Stub> stub_;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_E2E_MEMORY_BENCH_H_
