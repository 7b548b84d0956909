#include "server/memory/transfer_calls.h"

#include <algorithm>
#include <utility>

#include "backends/host/refusal.h"
#include "server/errors.h"
#include "server/memory/region_convert.h"

namespace l3link {

void Transfers::Start() const {
  for (int i = 0; i < pool->size(); ++i) {
    new ReadCall(*this, pool->queue(i));
    new WriteCall(*this, pool->queue(i));
  }
}

ReadCall::ReadCall(const Transfers& transfers, grpc::ServerCompletionQueue* queue)
    : transfers_(transfers), queue_(queue) {
  transfers_.service->RequestRead(&context_, &request_, &writer_, queue_, queue_, &request_tag_);
}

void ReadCall::OnRequest(bool ok) {
  if (!ok) {
    delete this;  // the server stops
    return;
  }
  transfers_.pool->IfAccepting([this] { new ReadCall(transfers_, queue_); });
  v1::ReadRequest request;
  // What gRPC itself says of a request that does not parse.
  if (!ParseFrame(&request_, &request)) return Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, ""));
  if (absl::Status legal = Begin(request); !legal.ok()) return Finish(ToGrpc(legal));
  Next();
}

absl::Status ReadCall::Begin(const v1::ReadRequest& request) {
  absl::StatusOr<std::unique_ptr<RegionAccess>> region = transfers_.hub->Find(request.region());
  if (!region.ok()) return region.status();
  region_ = *std::move(region);
  offset_ = request.offset();
  const uint64_t to_the_end = region_->data_bytes() - std::min(offset_, region_->data_bytes());
  left_ = request.has_length() ? request.length() : to_the_end;
  return region_->CheckRange(offset_, left_);
}

void ReadCall::Next() {
  if (left_ == 0) return Finish(grpc::Status::OK);
  const uint64_t bytes = std::min(left_, transfers_.piece_bytes);
  v1::ReadResponse head;
  head.set_offset(offset_);
  OutgoingPiece piece(head, bytes);
  if (absl::Status read = region_->Read(offset_, piece.data()); !read.ok()) return Finish(ToGrpc(read));
  offset_ += bytes;
  left_ -= bytes;
  writer_.Write(piece.frame(), &write_tag_);
}

void ReadCall::OnWritten(bool ok) {
  if (!ok) return Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client is gone"));
  Next();
}

WriteCall::WriteCall(const Transfers& transfers, grpc::ServerCompletionQueue* queue)
    : transfers_(transfers), queue_(queue) {
  transfers_.service->RequestWrite(&context_, &reader_, queue_, queue_, &request_tag_);
}

void WriteCall::OnRequest(bool ok) {
  if (!ok) {
    delete this;  // the server stops
    return;
  }
  transfers_.pool->IfAccepting([this] { new WriteCall(transfers_, queue_); });
  reader_.Read(&frame_, &read_tag_);
}

void WriteCall::OnRead(bool ok) {
  // A client that is gone looks like one that has said all. It does no harm: a notify is there only with the last piece,
  // that is, when all data is.
  if (!ok) return Finish();
  if (absl::Status taken = Take(); !taken.ok()) return reader_.FinishWithError(ToGrpc(taken), &finish_tag_);
  frame_.Clear();  // its memory is still in the cache, for what comes next
  reader_.Read(&frame_, &read_tag_);
}

absl::Status WriteCall::Take() {
  if (!ParsePiece(&frame_, &head_, &data_)) return Refuse(Reason::kMALFORMED_FRAME, "a piece that is no WriteRequest");
  if (notify_.has_value()) return Refuse(Reason::kMALFORMED_FRAME, "a piece came after the one with notify, the last");
  if (region_ == nullptr) {
    if (absl::Status begun = Begin(); !begun.ok()) return begun;
  } else if (head_.has_region() || !head_.request_id().empty()) {
    return Refuse(Reason::kMALFORMED_FRAME, "only the first piece of a write names the region and the request_id");
  }
  absl::optional<Notification> notify;
  if (head_.has_notify()) {
    absl::StatusOr<Notification> known = NotificationOf(head_.notify());
    if (!known.ok()) return known.status();
    if (absl::Status legal = region_->CheckNotify(*known); !legal.ok()) return legal;
    notify = *known;
  }
  const uint64_t offset = head_.has_offset() ? head_.offset() : next_offset_;
  const absl::Status written =
      repeat_ ? region_->CheckRange(offset, data_.size()) : region_->Write(offset, data_.runs());
  if (!written.ok()) return written;
  next_offset_ = offset + data_.size();
  written_bytes_ += data_.size();
  notify_ = notify;
  return absl::OkStatus();
}

absl::Status WriteCall::Begin() {
  if (!head_.has_region()) return Refuse(Reason::kMALFORMED_FRAME, "the first piece of a write names the region");
  if (absl::Status legal = CheckRequestId(head_.request_id()); !legal.ok()) return legal;
  absl::StatusOr<std::unique_ptr<RegionAccess>> region = transfers_.hub->Find(head_.region());
  if (!region.ok()) return region.status();
  region_ = *std::move(region);
  request_id_ = head_.request_id();
  repeat_ = !request_id_.empty() && region_->WasNotified(request_id_);
  return absl::OkStatus();
}

absl::Status WriteCall::Complete(v1::WriteResponse* response) {
  if (region_ == nullptr)
    return Refuse(Reason::kMALFORMED_FRAME, "a write without a piece: the first names the region");
  response->set_written_bytes(written_bytes_);
  if (!notify_.has_value()) return absl::OkStatus();
  absl::StatusOr<uint64_t> value =
      request_id_.empty() ? region_->Notify(*notify_, nullptr) : region_->NotifyOnce(*notify_, request_id_);
  if (value.ok()) response->set_signal_value(*value);
  return value.status();
}

void WriteCall::Finish() {
  v1::WriteResponse response;
  if (absl::Status complete = Complete(&response); !complete.ok()) {
    reader_.FinishWithError(ToGrpc(complete), &finish_tag_);
  } else {
    reader_.Finish(FrameOf(response), grpc::Status::OK, &finish_tag_);
  }
}

}  // namespace l3link
