#include "server/memory/transfer_reactors.h"

#include <algorithm>
#include <utility>

#include "backends/host/refusal.h"
#include "server/errors.h"
#include "server/memory/region_convert.h"

namespace l3link {

ReadReactor::ReadReactor(const RegionHub& hub, const v1::ReadRequest& request, uint64_t piece_bytes)
    : piece_bytes_(piece_bytes) {
  absl::Status legal = Begin(hub, request);
  if (legal.ok()) {
    Next();
  } else {
    Finish(ToGrpc(legal));
  }
}

absl::Status ReadReactor::Begin(const RegionHub& hub, const v1::ReadRequest& request) {
  absl::StatusOr<std::unique_ptr<RegionAccess>> region = hub.Find(request.region());
  if (!region.ok()) return region.status();
  region_ = *std::move(region);
  offset_ = request.offset();
  const uint64_t to_the_end = region_->data_bytes() - std::min(offset_, region_->data_bytes());
  left_ = request.has_length() ? request.length() : to_the_end;
  return region_->CheckRange(offset_, left_);
}

void ReadReactor::Next() {
  if (left_ == 0) return Finish(grpc::Status::OK);
  const uint64_t bytes = std::min(left_, piece_bytes_);
  v1::ReadResponse head;
  head.set_offset(offset_);
  OutgoingPiece piece(head, bytes);
  if (absl::Status read = region_->Read(offset_, piece.data()); !read.ok()) return Finish(ToGrpc(read));
  offset_ += bytes;
  left_ -= bytes;
  frame_ = piece.frame();
  StartWrite(&frame_);
}

void ReadReactor::OnWriteDone(bool ok) {
  if (!ok) return Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client is gone"));
  Next();
}

WriteReactor::WriteReactor(const RegionHub& hub, grpc::ByteBuffer* response) : hub_(hub), response_(response) {
  StartRead(&frame_);
}

void WriteReactor::OnReadDone(bool ok) {
  // A client that is gone looks like one that has said all. It does no harm: a notify is there only with the last piece,
  // that is, when all data is.
  if (!ok) return Finish(ToGrpc(Complete()));
  if (absl::Status taken = TakeFrame(); !taken.ok()) return Finish(ToGrpc(taken));
  StartRead(&frame_);
}

absl::Status WriteReactor::TakeFrame() {
  if (!ParsePiece(&frame_, &head_, &data_)) return Refuse(Reason::kMALFORMED_FRAME, "a piece that is no WriteRequest");
  return Take(head_, data_);
}

absl::Status WriteReactor::Take(const v1::WriteRequest& head, const PieceData& data) {
  if (notify_.has_value()) return Refuse(Reason::kMALFORMED_FRAME, "a piece came after the one with notify, the last");
  if (region_ == nullptr) {
    if (absl::Status begun = Begin(head); !begun.ok()) return begun;
  } else if (head.has_region() || !head.request_id().empty()) {
    return Refuse(Reason::kMALFORMED_FRAME, "only the first piece of a write names the region and the request_id");
  }
  absl::optional<Notification> notify;
  if (head.has_notify()) {
    absl::StatusOr<Notification> known = NotificationOf(head.notify());
    if (!known.ok()) return known.status();
    if (absl::Status legal = region_->CheckNotify(*known); !legal.ok()) return legal;
    notify = *known;
  }
  const uint64_t offset = head.has_offset() ? head.offset() : next_offset_;
  const absl::Status written = repeat_ ? region_->CheckRange(offset, data.size()) : region_->Write(offset, data.runs());
  if (!written.ok()) return written;
  next_offset_ = offset + data.size();
  written_bytes_ += data.size();
  notify_ = notify;
  return absl::OkStatus();
}

absl::Status WriteReactor::Begin(const v1::WriteRequest& head) {
  if (!head.has_region()) return Refuse(Reason::kMALFORMED_FRAME, "the first piece of a write names the region");
  if (absl::Status legal = CheckRequestId(head.request_id()); !legal.ok()) return legal;
  absl::StatusOr<std::unique_ptr<RegionAccess>> region = hub_.Find(head.region());
  if (!region.ok()) return region.status();
  region_ = *std::move(region);
  request_id_ = head.request_id();
  repeat_ = !request_id_.empty() && region_->WasNotified(request_id_);
  return absl::OkStatus();
}

absl::Status WriteReactor::Complete() {
  if (region_ == nullptr)
    return Refuse(Reason::kMALFORMED_FRAME, "a write without a piece: the first names the region");
  v1::WriteResponse response;
  response.set_written_bytes(written_bytes_);
  if (notify_.has_value()) {
    absl::StatusOr<uint64_t> value =
        request_id_.empty() ? region_->Notify(*notify_, nullptr) : region_->NotifyOnce(*notify_, request_id_);
    if (!value.ok()) return value.status();
    response.set_signal_value(*value);
  }
  *response_ = FrameOf(response);
  return absl::OkStatus();
}

}  // namespace l3link
