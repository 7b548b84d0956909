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
#include "server/memory/region_access.h"
#include "server/memory/region_hub.h"

namespace l3link {

// Sends [offset, offset + length) of a region.
class ReadReactor final : public grpc::ServerWriteReactor<v1::ReadResponse> {
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
  v1::ReadResponse piece_;
};

// Takes pieces; each is checked whole before a byte of it is written.
class WriteReactor final : public grpc::ServerReadReactor<v1::WriteRequest> {
 public:
  WriteReactor(const RegionHub& hub, v1::WriteResponse* response);

  void OnReadDone(bool ok) override;
  void OnDone() override { delete this; }

 private:
  absl::Status Take(const v1::WriteRequest& piece);
  // The first piece: the region, and whether this write was done before.
  absl::Status Begin(const v1::WriteRequest& piece);
  absl::Status Complete();

  const RegionHub& hub_;
  v1::WriteResponse* const response_;
  v1::WriteRequest piece_;
  std::unique_ptr<RegionAccess> region_;  // of the first piece
  uint64_t next_offset_ = 0;
  uint64_t written_bytes_ = 0;
  std::string request_id_;               // of the first piece
  bool repeat_ = false;                  // its notify was done under that id: the data may be newer by now, and stays
  absl::optional<Notification> notify_;  // of the last piece; done at the end
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_TRANSFER_REACTORS_H_
