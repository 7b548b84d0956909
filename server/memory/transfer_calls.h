// Read and Write of MemoryService: bulk data in pieces, one at a time, on the server's queues, between gRPC's slices and the
// region's memory.
//
// No lock is held during a copy, and nothing is pinned between two pieces: a region that is closed meanwhile ends the call
// with REGION_CLOSED. Each call deletes itself after its last event.
#ifndef L3LINK_SERVER_MEMORY_TRANSFER_CALLS_H_
#define L3LINK_SERVER_MEMORY_TRANSFER_CALLS_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "l3link/v1/memory.pb.h"
#include "proto/piece.h"
#include "server/memory/memory_service_base.h"
#include "server/memory/region_access.h"
#include "server/memory/region_hub.h"
#include "server/rpc/queue_pool.h"
#include "server/rpc/tag.h"

namespace l3link {

// What all transfers use; outlives them, and the pool's threads.
struct Transfers {
  MemoryServiceBase* service;
  QueuePool* pool;
  const RegionHub* hub;
  uint64_t piece_bytes;  // of what is read, at most

  // One call of each kind is awaited on each queue; as soon as it comes, the next. The server and the pool run.
  void Start() const;
};

// Sends [offset, offset + length) of a region.
class ReadCall {
 public:
  // Waits for a call on `queue`.
  ReadCall(const Transfers& transfers, grpc::ServerCompletionQueue* queue);

 private:
  void OnRequest(bool ok);
  void OnWritten(bool ok);
  void OnFinished(bool) { delete this; }

  absl::Status Begin(const v1::ReadRequest& request);
  void Next();
  void Finish(const grpc::Status& status) { writer_.Finish(status, &finish_tag_); }

  const Transfers& transfers_;
  grpc::ServerCompletionQueue* const queue_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_{&context_};
  MemberTag<ReadCall, &ReadCall::OnRequest> request_tag_{this};
  MemberTag<ReadCall, &ReadCall::OnWritten> write_tag_{this};
  MemberTag<ReadCall, &ReadCall::OnFinished> finish_tag_{this};
  std::unique_ptr<RegionAccess> region_;
  uint64_t offset_ = 0;
  uint64_t left_ = 0;
};

// Takes pieces; each is checked whole before a byte of it is written.
class WriteCall {
 public:
  // Waits for a call on `queue`.
  WriteCall(const Transfers& transfers, grpc::ServerCompletionQueue* queue);

 private:
  void OnRequest(bool ok);
  void OnRead(bool ok);
  void OnFinished(bool) { delete this; }

  // The piece in frame_.
  absl::Status Take();
  // The first one: the region, and whether this write was done before.
  absl::Status Begin();
  absl::Status Complete(v1::WriteResponse* response);
  void Finish();

  const Transfers& transfers_;
  grpc::ServerCompletionQueue* const queue_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReader<grpc::ByteBuffer, grpc::ByteBuffer> reader_{&context_};
  MemberTag<WriteCall, &WriteCall::OnRequest> request_tag_{this};
  MemberTag<WriteCall, &WriteCall::OnRead> read_tag_{this};
  MemberTag<WriteCall, &WriteCall::OnFinished> finish_tag_{this};
  grpc::ByteBuffer frame_;
  v1::WriteRequest head_;                 // of the piece, without its data
  PieceData data_;                        // in frame_
  std::unique_ptr<RegionAccess> region_;  // of the first piece
  uint64_t next_offset_ = 0;
  uint64_t written_bytes_ = 0;
  std::string request_id_;               // of the first piece
  bool repeat_ = false;                  // its notify was done under that id: the data may be newer by now, and stays
  absl::optional<Notification> notify_;  // of the last piece; done at the end
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_TRANSFER_CALLS_H_
