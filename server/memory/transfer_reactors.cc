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
  if (absl::Status read = region_->Read(offset_, bytes, piece_.mutable_data()); !read.ok()) return Finish(ToGrpc(read));
  piece_.set_offset(offset_);
  offset_ += bytes;
  left_ -= bytes;
  StartWrite(&piece_);
}

void ReadReactor::OnWriteDone(bool ok) {
  if (!ok) return Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client is gone"));
  Next();
}

WriteReactor::WriteReactor(const RegionHub& hub, v1::WriteResponse* response) : hub_(hub), response_(response) {
  StartRead(&piece_);
}

void WriteReactor::OnReadDone(bool ok) {
  // A client that is gone looks like one that has said all. It does no harm: a notify is there only with the last piece,
  // that is, when all data is.
  if (!ok) return Finish(ToGrpc(Complete()));
  if (absl::Status taken = Take(piece_); !taken.ok()) return Finish(ToGrpc(taken));
  StartRead(&piece_);
}

absl::Status WriteReactor::Take(const v1::WriteRequest& piece) {
  if (notify_.has_value()) return Refuse(Reason::kMALFORMED_FRAME, "a piece came after the one with notify, the last");
  if (region_ == nullptr) {
    if (absl::Status begun = Begin(piece); !begun.ok()) return begun;
  } else if (piece.has_region() || !piece.request_id().empty()) {
    return Refuse(Reason::kMALFORMED_FRAME, "only the first piece of a write names the region and the request_id");
  }
  absl::optional<Notification> notify;
  if (piece.has_notify()) {
    absl::StatusOr<Notification> known = NotificationOf(piece.notify());
    if (!known.ok()) return known.status();
    if (absl::Status legal = region_->CheckNotify(*known); !legal.ok()) return legal;
    notify = *known;
  }
  const uint64_t offset = piece.has_offset() ? piece.offset() : next_offset_;
  const absl::Status written = repeat_ ? region_->CheckRange(offset, piece.data().size())
                                       : region_->Write(offset, piece.data(), absl::nullopt, nullptr).status();
  if (!written.ok()) return written;
  next_offset_ = offset + piece.data().size();
  written_bytes_ += piece.data().size();
  notify_ = notify;
  return absl::OkStatus();
}

absl::Status WriteReactor::Begin(const v1::WriteRequest& piece) {
  if (!piece.has_region()) return Refuse(Reason::kMALFORMED_FRAME, "the first piece of a write names the region");
  if (absl::Status legal = CheckRequestId(piece.request_id()); !legal.ok()) return legal;
  absl::StatusOr<std::unique_ptr<RegionAccess>> region = hub_.Find(piece.region());
  if (!region.ok()) return region.status();
  region_ = *std::move(region);
  request_id_ = piece.request_id();
  repeat_ = !request_id_.empty() && region_->WasNotified(request_id_);
  return absl::OkStatus();
}

absl::Status WriteReactor::Complete() {
  if (region_ == nullptr)
    return Refuse(Reason::kMALFORMED_FRAME, "a write without a piece: the first names the region");
  response_->set_written_bytes(written_bytes_);
  if (!notify_.has_value()) return absl::OkStatus();
  absl::StatusOr<uint64_t> value =
      request_id_.empty() ? region_->Notify(*notify_, nullptr) : region_->NotifyOnce(*notify_, request_id_);
  if (value.ok()) response_->set_signal_value(*value);
  return value.status();
}

}  // namespace l3link
