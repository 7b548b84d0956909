// Regions over the wire: vector_add by write, notify, wait, read; ranges; every bad input with its reason.
#include <grpcpp/generic/generic_stub.h>

#include <cstring>

#include "tests/e2e/memory_bench.h"

namespace l3link {
namespace {

using grpc::StatusCode;

class MemoryRegionsTest : public MemoryBench {
 protected:
  // What a refused status says: "code REASON".
  static std::string Said(const grpc::Status& status) {
    return std::to_string(status.error_code()) + " " + ReasonOf(status);
  }
  static std::string Refused(StatusCode code, const std::string& reason) { return std::to_string(code) + " " + reason; }
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::MemoryService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const std::string& request, Response* response = nullptr) {
    grpc::ClientContext context;
    Response ignored;
    return (stub_.get()->*method)(&context, Proto<Request>(request), response != nullptr ? response : &ignored);
  }
};

TEST_F(MemoryRegionsTest, ChipAddsVectorsAndItsSignalSaysSo) {
  constexpr size_t kElements = 1 << 20;
  const v1::RegionId id = Open("vector", 3 * kElements * sizeof(float), 2);
  std::vector<float> terms(2 * kElements);
  for (size_t i = 0; i < kElements; ++i) {
    terms[i] = static_cast<float>(i % 1000);
    terms[kElements + i] = 0.5f * static_cast<float>(i % 777);
  }
  const std::string data(reinterpret_cast<const char*>(terms.data()), terms.size() * sizeof(float));
  for (uint64_t job = 1; job <= 3; ++job) {
    v1::WriteResponse written;
    ASSERT_TRUE(Write(id, 0, data, "signal: 0 value: " + std::to_string(job), &written).ok());
    EXPECT_EQ(written.written_bytes(), data.size());
    EXPECT_EQ(written.signal_value(), job);
    grpc::ClientContext context;
    v1::WaitRequest request;
    *request.mutable_region() = id;
    *request.add_conditions() = Proto<v1::Condition>("signal: 1 target: " + std::to_string(job));
    v1::WaitResponse waited;
    const grpc::Status status = stub_->Wait(&context, request, &waited);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_TRUE(waited.satisfied());
    EXPECT_EQ(waited.values(0), job);
    v1::ReadRequest read;
    *read.mutable_region() = id;
    read.set_offset(data.size());
    std::string sum;
    int pieces = 0;
    ASSERT_TRUE(Read(read, &sum, &pieces).ok());
    ASSERT_EQ(sum.size(), kElements * sizeof(float)) << "no length: to the end";
    EXPECT_GT(pieces, 1);
    for (size_t i = 0; i < kElements; ++i) {
      float element;
      std::memcpy(&element, sum.data() + i * sizeof(float), sizeof(float));
      ASSERT_EQ(element, terms[i] + terms[kElements + i]) << i;
    }
    ASSERT_TRUE(Write(id, data.size(), std::string(kElements * sizeof(float), '\0')).ok());
  }
}

TEST_F(MemoryRegionsTest, OpenIsIdempotentAndFillsInDefaults) {
  v1::OpenRegionResponse first, again;
  const std::string open = "worker_id: 1 name: 'r' config { data_bytes: 100 }";
  ASSERT_TRUE(Call(&v1::MemoryService::Stub::OpenRegion, open, &first).ok());
  EXPECT_TRUE(first.created());
  EXPECT_EQ(first.region().config().ShortDebugString(),
            "data_bytes: 100 signal_count: 2 signal_writers: SIGNAL_WRITER_HOST signal_writers: SIGNAL_WRITER_CHIP");
  EXPECT_EQ(first.region().signal_values_size(), 2);
  ASSERT_TRUE(Call(&v1::MemoryService::Stub::OpenRegion, open, &again).ok());
  EXPECT_FALSE(again.created());
  EXPECT_EQ(again.region().id().generation(), first.region().id().generation());
  EXPECT_EQ(Said(Call(&v1::MemoryService::Stub::OpenRegion, "worker_id: 1 name: 'r' config { data_bytes: 101 }")),
            Refused(StatusCode::ALREADY_EXISTS, "CONFIG_MISMATCH"));
  v1::ListRegionsResponse listed;
  Open("a");
  ASSERT_TRUE(Call(&v1::MemoryService::Stub::ListRegions, "", &listed).ok());
  ASSERT_EQ(listed.regions_size(), 2);
  EXPECT_EQ(listed.regions(0).id().name(), "a");
  EXPECT_EQ(listed.regions(1).id().worker_id(), 1u);
  listed.Clear();
  ASSERT_TRUE(Call(&v1::MemoryService::Stub::ListRegions, "worker_id: 0", &listed).ok());
  EXPECT_EQ(listed.regions_size(), 1);
}

TEST_F(MemoryRegionsTest, BadOpensSayWhy) {
  const std::pair<const char*, std::string> rows[] = {
      {"worker_id: 9 config { data_bytes: 1 }", Refused(StatusCode::NOT_FOUND, "WORKER_NOT_FOUND")},
      {"config { data_bytes: 0 }", Refused(StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT_FIELD")},
      {"config { data_bytes: 1 signal_count: 65537 }", Refused(StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT_FIELD")},
      {"config { data_bytes: 1 signal_count: 2 signal_writers: 1 }",
       Refused(StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT_FIELD")},
      {"name: 'no spaces' config { data_bytes: 1 }", Refused(StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT_FIELD")},
      {"config { data_bytes: 2147483648 }", Refused(StatusCode::RESOURCE_EXHAUSTED, "ARENA_FULL")},
      {"config { data_bytes: 18446744073709551615 }", Refused(StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT_FIELD")},
  };
  for (const auto& [request, said] : rows) {
    EXPECT_EQ(Said(Call(&v1::MemoryService::Stub::OpenRegion, request)), said) << request;
  }
}

TEST_F(MemoryRegionsTest, StaleAndUnknownIdsReachNothing) {
  v1::RegionId id = Open("r");
  ASSERT_TRUE(Close(id).ok());
  EXPECT_EQ(Said(Close(id)), Refused(StatusCode::NOT_FOUND, "REGION_NOT_FOUND"));
  const v1::RegionId newer = Open("r");
  EXPECT_NE(newer.generation(), id.generation());
  std::string data;
  EXPECT_EQ(Said(Read(id, 0, 1, &data)), Refused(StatusCode::FAILED_PRECONDITION, "STALE_ID"));
  EXPECT_EQ(Said(Write(id, 0, "x")), Refused(StatusCode::FAILED_PRECONDITION, "STALE_ID"));
  EXPECT_EQ(Said(Notify(id, "signal: 0 value: 1")), Refused(StatusCode::FAILED_PRECONDITION, "STALE_ID"));
  id.set_generation(0);
  EXPECT_TRUE(Read(id, 0, 1, &data).ok()) << "0: whichever is open now";
  id.set_worker_id(7);
  EXPECT_EQ(Said(Read(id, 0, 1, &data)), Refused(StatusCode::NOT_FOUND, "WORKER_NOT_FOUND"));
}

TEST_F(MemoryRegionsTest, RangesAreCheckedWithoutOverflow) {
  const v1::RegionId id = Open("r", 100);
  ASSERT_TRUE(Write(id, 90, "0123456789").ok());
  std::string data;
  ASSERT_TRUE(Read(id, 95, 5, &data).ok());
  EXPECT_EQ(data, "56789");
  EXPECT_TRUE(Read(id, 100, 0, &data).ok()) << "zero bytes at the very end are legal";
  EXPECT_TRUE(Write(id, 100, "").ok());
  const std::string out = Refused(StatusCode::OUT_OF_RANGE, "RANGE_OUT_OF_REGION");
  EXPECT_EQ(Said(Read(id, 101, 0, &data)), out);
  EXPECT_EQ(Said(Read(id, 95, 6, &data)), out);
  EXPECT_EQ(Said(Read(id, 18446744073709551615u, 2, &data)), out);
  EXPECT_EQ(Said(Read(id, 2, 18446744073709551615u, &data)), out);
  EXPECT_EQ(Said(Write(id, 18446744073709551615u, "ab")), out);
  EXPECT_EQ(Said(Write(id, 95, "123456", "signal: 0 value: 5")), out);
  EXPECT_EQ(SignalOf(id, 0), 0u);
  ASSERT_TRUE(Read(id, 90, 10, &data).ok());
  EXPECT_EQ(data, "0123456789") << "a refused piece writes nothing";
}

TEST_F(MemoryRegionsTest, PiecesOfAWriteFollowEachOther) {
  const v1::RegionId id = Open("r", 100);
  v1::WriteResponse response;
  ASSERT_TRUE(Write({"region { name: 'r' } offset: 10 data: 'ab'", "data: 'cd'", "offset: 50 data: 'ef'",
                     "data: 'gh' notify { signal: 0 op: NOTIFY_OP_ADD value: 3 }"},
                    &response)
                  .ok());
  EXPECT_EQ(response.ShortDebugString(), "written_bytes: 8 signal_value: 3");
  std::string data;
  ASSERT_TRUE(Read(id, 10, 4, &data).ok());
  EXPECT_EQ(data, "abcd");
  ASSERT_TRUE(Read(id, 50, 4, &data).ok());
  EXPECT_EQ(data, "efgh");
  const std::string malformed = Refused(StatusCode::INVALID_ARGUMENT, "MALFORMED_FRAME");
  EXPECT_EQ(Said(Write(std::vector<std::string>{})), malformed);
  EXPECT_EQ(Said(Write({"data: 'x'"})), malformed);
  EXPECT_EQ(Said(Write({"region { name: 'r' }", "region { name: 'r' } data: 'x'"})), malformed);
  EXPECT_EQ(Said(Write({"region { name: 'r' } notify { signal: 0 value: 77 }", "data: 'late'"})), malformed);
  EXPECT_EQ(SignalOf(id, 0), 3u) << "a notify before the end is not done";
  EXPECT_EQ(Said(Write({"region { name: 'r' } data: 'zz' notify { signal: 1 value: 1 }"})),
            Refused(StatusCode::FAILED_PRECONDITION, "SIGNAL_NOT_HOST_WRITTEN"));
  EXPECT_EQ(Said(Write({"region { name: 'r' } data: 'zz' notify { signal: 4 value: 1 }"})),
            Refused(StatusCode::NOT_FOUND, "SIGNAL_NOT_FOUND"));
  ASSERT_TRUE(Read(id, 0, 2, &data).ok());
  EXPECT_EQ(data, std::string(2, '\0')) << "a refused piece writes nothing";
}

TEST_F(MemoryRegionsTest, RefusesAPieceThatIsNoWriteRequest) {
  Open("r", 100);
  grpc::CompletionQueue queue;
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  grpc::ClientContext context;
  const auto call = grpc::GenericStub(node_.Connect()).PrepareCall(&context, "/l3link.v1.MemoryService/Write", &queue);
  call->StartCall(nullptr);
  ASSERT_TRUE(done());
  const std::string first = Proto<v1::WriteRequest>("region { name: 'r' } data: 'ab'").SerializeAsString();
  for (const std::string& piece : {first, std::string("\x1a\x05"
                                                      "data",
                                                      6)}) {  // five bytes of data, and four come
    const grpc::Slice slice(piece);
    call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
    ASSERT_TRUE(done());
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  ASSERT_TRUE(done());
  EXPECT_EQ(Said(status), Refused(StatusCode::INVALID_ARGUMENT, "MALFORMED_FRAME"));
}

TEST_F(MemoryRegionsTest, AWriteThatIsSentAgainLeavesNewerDataAlone) {
  const v1::RegionId id = Open("r", 100);
  const std::vector<std::string> write = {"region { name: 'r' } offset: 10 data: 'ab' request_id: 'w1'",
                                          "data: 'cd' notify { signal: 0 op: NOTIFY_OP_ADD value: 3 }"};
  v1::WriteResponse response;
  ASSERT_TRUE(Write(write, &response).ok());
  ASSERT_TRUE(Write(id, 10, "newer").ok());
  v1::WriteResponse again;
  ASSERT_TRUE(Write(write, &again).ok());
  EXPECT_EQ(again.ShortDebugString(), response.ShortDebugString());
  EXPECT_EQ(SignalOf(id, 0), 3u);
  EXPECT_EQ(Said(Write({write[0], "data: 'cd' notify { signal: 0 op: NOTIFY_OP_ADD value: 4 }"})),
            Refused(StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT_FIELD"));
  EXPECT_EQ(Said(Write({write[0], "offset: 99 data: 'cd'"})), Refused(StatusCode::OUT_OF_RANGE, "RANGE_OUT_OF_REGION"));
  EXPECT_EQ(Said(Write({"region { name: 'r' }", "data: 'x' request_id: 'w2'"})),
            Refused(StatusCode::INVALID_ARGUMENT, "MALFORMED_FRAME"));
  std::string data;
  ASSERT_TRUE(Read(id, 10, 5, &data).ok());
  EXPECT_EQ(data, "newer");
}

TEST_F(MemoryRegionsTest, NotifySetsAddsAndKeepsTheMost) {
  const v1::RegionId id = Open("r");
  uint64_t value = 0;
  ASSERT_TRUE(Notify(id, "signal: 0 value: 10", "", &value).ok());
  EXPECT_EQ(value, 10u);
  ASSERT_TRUE(Notify(id, "signal: 0 op: NOTIFY_OP_MAX value: 5", "", &value).ok());
  EXPECT_EQ(value, 10u);
  ASSERT_TRUE(Notify(id, "signal: 0 op: NOTIFY_OP_ADD value: 18446744073709551615", "", &value).ok());
  EXPECT_EQ(value, 9u) << "wraps at 2^64";
  ASSERT_TRUE(Notify(id, "signal: 2 op: NOTIFY_OP_ADD value: 4", "", &value).ok());
  EXPECT_EQ(value, 4u) << "written by both";
  EXPECT_EQ(Said(Notify(id, "signal: 1 value: 1")),
            Refused(StatusCode::FAILED_PRECONDITION, "SIGNAL_NOT_HOST_WRITTEN"));
  EXPECT_EQ(Said(Notify(id, "signal: 4 value: 1")), Refused(StatusCode::NOT_FOUND, "SIGNAL_NOT_FOUND"));
  EXPECT_EQ(Said(Notify(id, "signal: 0 op: 9")), Refused(StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT_FIELD"));
}

TEST_F(MemoryRegionsTest, NotifyUnderOneRequestIdIsDoneOnce) {
  const v1::RegionId id = Open("r");
  uint64_t value = 0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Notify(id, "signal: 0 op: NOTIFY_OP_ADD value: 1", "request-1", &value).ok());
    EXPECT_EQ(value, 1u);
  }
  EXPECT_EQ(Said(Notify(id, "signal: 0 op: NOTIFY_OP_ADD value: 2", "request-1")),
            Refused(StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT_FIELD"));
  EXPECT_EQ(Said(Notify(id, "signal: 0 value: 2", std::string(65, 'x'))),
            Refused(StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT_FIELD"));
  ASSERT_TRUE(Notify(id, "signal: 0 op: NOTIFY_OP_ADD value: 1", "request-2", &value).ok());
  EXPECT_EQ(value, 2u);
}

TEST_F(MemoryRegionsTest, TestLooksOnce) {
  const v1::RegionId id = Open("r");
  ASSERT_TRUE(Notify(id, "signal: 0 value: 3").ok());
  v1::TestResponse response;
  ASSERT_TRUE(Call(&v1::MemoryService::Stub::Test,
                   "region { name: 'r' } conditions { signal: 0 target: 3 } conditions { signal: 2 target: 1 }",
                   &response)
                  .ok());
  EXPECT_EQ(response.ShortDebugString(), "satisfied: true values: 3 values: 0");
  ASSERT_TRUE(Call(&v1::MemoryService::Stub::Test,
                   "region { name: 'r' } combine: COMBINE_ALL conditions { signal: 0 target: 3 } "
                   "conditions { signal: 2 comparison: COMPARISON_GT }",
                   &response)
                  .ok());
  EXPECT_FALSE(response.satisfied());
  EXPECT_EQ(Said(Call(&v1::MemoryService::Stub::Test, "region { name: 'r' } conditions { signal: 4 }")),
            Refused(StatusCode::NOT_FOUND, "SIGNAL_NOT_FOUND"));
  EXPECT_EQ(Said(Call(&v1::MemoryService::Stub::Test, "region { name: 'r' }")),
            Refused(StatusCode::INVALID_ARGUMENT, "INVALID_ARGUMENT_FIELD"));
}

}  // namespace
}  // namespace l3link
