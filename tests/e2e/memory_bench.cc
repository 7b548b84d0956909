#include "tests/e2e/memory_bench.h"

#include <thread>

namespace l3link {

void MemoryBench::SetUp() {
  ASSERT_TRUE(node_.ready()) << node_.log();
  stub_ = v1::MemoryService::NewStub(node_.Connect());
}

v1::RegionId MemoryBench::Open(const std::string& name, uint64_t data_bytes, uint32_t signal_count) {
  grpc::ClientContext context;
  v1::OpenRegionRequest request;
  request.set_name(name);
  request.mutable_config()->set_data_bytes(data_bytes);
  request.mutable_config()->set_signal_count(signal_count);
  v1::OpenRegionResponse response;
  const grpc::Status status = stub_->OpenRegion(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.region().id();
}

grpc::Status MemoryBench::Close(const v1::RegionId& id) {
  grpc::ClientContext context;
  v1::CloseRegionRequest request;
  *request.mutable_region() = id;
  v1::CloseRegionResponse response;
  return stub_->CloseRegion(&context, request, &response);
}

grpc::Status MemoryBench::Write(const v1::RegionId& id, uint64_t offset, const std::string& data,
                                const std::string& notify, v1::WriteResponse* response) {
  constexpr size_t kPiece = 1 << 20;
  grpc::ClientContext context;
  v1::WriteResponse ignored;
  auto writer = stub_->Write(&context, response != nullptr ? response : &ignored);
  size_t at = 0;
  do {
    v1::WriteRequest piece;
    if (at == 0) {
      *piece.mutable_region() = id;
      piece.set_offset(offset);
    }
    piece.set_data(data.substr(at, kPiece));
    at += kPiece;
    if (at >= data.size() && !notify.empty()) *piece.mutable_notify() = Proto<v1::Notification>(notify);
    if (!writer->Write(piece)) break;
  } while (at < data.size());
  writer->WritesDone();
  return writer->Finish();
}

grpc::Status MemoryBench::Write(const std::vector<std::string>& pieces, v1::WriteResponse* response) {
  grpc::ClientContext context;
  v1::WriteResponse ignored;
  auto writer = stub_->Write(&context, response != nullptr ? response : &ignored);
  for (const std::string& piece : pieces) {
    if (!writer->Write(Proto<v1::WriteRequest>(piece))) break;
  }
  writer->WritesDone();
  return writer->Finish();
}

grpc::Status MemoryBench::Read(const v1::ReadRequest& request, std::string* data, int* pieces) {
  grpc::ClientContext context;
  auto reader = stub_->Read(&context, request);
  data->clear();
  v1::ReadResponse piece;
  while (reader->Read(&piece)) {
    EXPECT_EQ(piece.offset(), request.offset() + data->size());
    *data += piece.data();
    if (pieces != nullptr) ++*pieces;
  }
  return reader->Finish();
}

grpc::Status MemoryBench::Read(const v1::RegionId& id, uint64_t offset, uint64_t length, std::string* data) {
  v1::ReadRequest request;
  *request.mutable_region() = id;
  request.set_offset(offset);
  request.set_length(length);
  return Read(request, data);
}

grpc::Status MemoryBench::Notify(const v1::RegionId& id, const std::string& notify, const std::string& request_id,
                                 uint64_t* value) {
  grpc::ClientContext context;
  v1::NotifyRequest request;
  *request.mutable_region() = id;
  *request.mutable_notify() = Proto<v1::Notification>(notify);
  request.set_request_id(request_id);
  v1::NotifyResponse response;
  const grpc::Status status = stub_->Notify(&context, request, &response);
  if (value != nullptr) *value = response.value();
  return status;
}

uint64_t MemoryBench::SignalOf(const v1::RegionId& id, uint32_t signal) {
  grpc::ClientContext context;
  v1::GetRegionRequest request;
  *request.mutable_region() = id;
  v1::GetRegionResponse response;
  const grpc::Status status = stub_->GetRegion(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return status.ok() ? response.region().signal_values(signal) : 0;
}

void MemoryBench::AwaitWaits(const v1::RegionId& id, uint32_t waits) {
  for (;;) {
    grpc::ClientContext context;
    v1::GetRegionRequest request;
    *request.mutable_region() = id;
    v1::GetRegionResponse response;
    ASSERT_TRUE(stub_->GetRegion(&context, request, &response).ok());
    if (response.region().waits() == waits) return;
    std::this_thread::yield();
  }
}

std::unique_ptr<MemoryBench::Stream> MemoryBench::Attach(grpc::ClientContext* context,
                                                         const std::vector<v1::RegionId>& ids,
                                                         const std::string& session_id, v1::MemoryAttached* attached) {
  std::unique_ptr<Stream> stream = stub_->Stream(context);
  v1::MemoryServiceStreamRequest frame;
  for (const v1::RegionId& id : ids) *frame.mutable_attach()->add_regions() = id;
  frame.mutable_attach()->set_session_id(session_id);
  EXPECT_TRUE(stream->Write(frame));
  v1::MemoryServiceStreamResponse answer;
  EXPECT_TRUE(stream->Read(&answer) && answer.has_attached());
  if (attached != nullptr) *attached = answer.attached();
  return stream;
}

std::string MemoryBench::Next(Stream& stream) {
  v1::MemoryServiceStreamResponse frame;
  if (stream.Read(&frame)) return frame.ShortDebugString();
  const grpc::Status status = stream.Finish();
  return "END " + std::to_string(status.error_code()) + " " + ReasonOf(status);
}

}  // namespace l3link
