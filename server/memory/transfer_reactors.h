// Read and Write of MemoryService: bulk data in pieces, one at a time, on gRPC's executor.
//
// No lock is held during a copy, and nothing is pinned between two pieces: a region that is closed meanwhile ends the call
// with REGION_CLOSED. Both delete themselves when gRPC is done with them.
#ifndef L3LINK_SERVER_MEMORY_TRANSFER_REACTORS_H_
#define L3LINK_SERVER_MEMORY_TRANSFER_REACTORS_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "l3link/v1/memory.pb.h"
#include "proto/piece.h"
#include "server/memory/region_access.h"
#include "server/memory/region_hub.h"

namespace l3link {

// Sends [offset, offset + length) of a region.
class ReadReactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  // Pieces of at most `piece_bytes`. The hub outlives the call.
  ReadReactor(const RegionHub& hub, const v1::ReadRequest& request, uint64_t piece_bytes);

  void OnWriteDone(bool ok) override;
  void OnDone() override { delete this; }

 private:
  absl::Status Begin(const RegionHub& hub, const v1::ReadRequest& request);
  void Next();

  const uint64_t piece_bytes_;
  std::unique_ptr<RegionAccess> region_;
  uint64_t offset_ = 0;
  uint64_t left_ = 0;
  grpc::ByteBuffer frame_;
};

// Takes pieces; each is checked whole before a byte of it is written.
class WriteReactor final : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  // `response` becomes a WriteResponse.
  WriteReactor(const RegionHub& hub, grpc::ByteBuffer* response);

  void OnReadDone(bool ok) override;
  void OnDone() override { delete this; }

 private:
  absl::Status TakeFrame();
  // A piece is its head, without data, and its data.
  absl::Status Take(const v1::WriteRequest& head, const PieceData& data);
  // The first piece: the region, and whether this write was done before.
  absl::Status Begin(const v1::WriteRequest& head);
  absl::Status Complete();

  const RegionHub& hub_;
  grpc::ByteBuffer* const response_;
  grpc::ByteBuffer frame_;
  v1::WriteRequest head_;
  PieceData data_;                        // in frame_
  std::unique_ptr<RegionAccess> region_;  // of the first piece
  uint64_t next_offset_ = 0;
  uint64_t written_bytes_ = 0;
  std::string request_id_;               // of the first piece
  bool repeat_ = false;                  // its notify was done under that id: the data may be newer by now, and stays
  absl::optional<Notification> notify_;  // of the last piece; done at the end
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_TRANSFER_REACTORS_H_
