// Region's data and signals: bulk by streaming RPCs, in pieces, straight between the caller's span and the wire's frames.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>

#include "absl/strings/str_cat.h"
#include "client/connection.h"
#include "client/errors.h"
#include "client/frame_call.h"
#include "client/region.h"
#include "client/watch_stream.h"
#include "client/while_away.h"
#include "proto/piece.h"

namespace l3link::client {
namespace {

constexpr size_t kPieceBytes = 512 << 10;
constexpr char kRead[] = "/l3link.v1.MemoryService/Read";
constexpr char kWrite[] = "/l3link.v1.MemoryService/Write";

v1::Notification ToProto(const SignalChange& change) {
  v1::Notification proto;
  proto.set_signal(change.signal);
  proto.set_value(change.value);
  switch (change.op) {
    case SignalOp::kSet: proto.set_op(v1::NOTIFY_OP_SET); break;
    case SignalOp::kAdd: proto.set_op(v1::NOTIFY_OP_ADD); break;
    case SignalOp::kMax: proto.set_op(v1::NOTIFY_OP_MAX); break;
  }
  return proto;
}

// Unlike any other in the node's memory: random per process, then counted.
std::string NextRequestId() {
  static const uint64_t process = [] {
    std::random_device device;
    return (uint64_t{device()} << 32) | device();
  }();
  static std::atomic<uint64_t> count{0};
  return absl::StrCat(absl::Hex(process), "-", count.fetch_add(1, std::memory_order_relaxed));  // relaxed: a count only
}

absl::StatusOr<v1::WriteResponse> WritePieces(Connection& connection, const v1::RegionId& region, uint64_t offset,
                                              std::string_view data, const std::string& request_id,
                                              const SignalChange* change, absl::Duration timeout) {
  FrameCall call(&connection, kWrite, timeout);
  v1::WriteRequest head;
  *head.mutable_region() = region;
  head.set_offset(offset);
  head.set_request_id(request_id);
  do {
    const std::string_view part = data.substr(0, kPieceBytes);
    data.remove_prefix(part.size());
    if (data.empty() && change != nullptr) *head.mutable_notify() = ToProto(*change);
    OutgoingPiece piece(head, part.size());
    part.copy(piece.data().data(), part.size());
    if (!call.Write(piece.frame())) break;  // Finish says why
    head.Clear();
  } while (!data.empty());
  call.WritesDone();
  grpc::ByteBuffer answer;
  const bool answered = call.Read(&answer);
  if (const grpc::Status status = call.Finish(); !status.ok()) return connection.ToStatus(status);
  v1::WriteResponse response;
  if (answered && ParseFrame(&answer, &response)) return response;
  return NameNode(absl::InternalError("the node's answer to a write is no WriteResponse"), connection.name());
}

}  // namespace

absl::Status Region::Read(uint64_t offset, absl::Span<char> out, absl::Duration timeout) const {
  if (absl::Status legal = CheckTimeout("timeout", timeout); !legal.ok()) return legal;
  return WhileAway(timeout, [&](absl::Duration left) { return ReadOnce(offset, out, left); });
}

absl::Status Region::ReadOnce(uint64_t offset, absl::Span<char> out, absl::Duration timeout) const {
  FrameCall call(connection_.get(), kRead, timeout);
  v1::ReadRequest request;
  *request.mutable_region() = id();
  request.set_offset(offset);
  request.set_length(out.size());
  if (call.Write(FrameOf(request))) call.WritesDone();
  size_t filled = 0;
  bool in_place = true;
  grpc::ByteBuffer frame;
  v1::ReadResponse head;
  for (PieceData data; in_place && call.Read(&frame); filled += data.size()) {
    in_place =
        ParsePiece(&frame, &head, &data) && head.offset() == offset + filled && data.size() <= out.size() - filled;
    if (!in_place) break;
    data.CopyTo(out.data() + filled);
    frame.Clear();  // its memory is still in the cache, for what comes next
  }
  if (in_place) {
    if (const grpc::Status status = call.Finish(); !status.ok()) return connection_->ToStatus(status);
    if (filled == out.size()) return absl::OkStatus();
  }
  return NameNode(absl::InternalError(absl::StrCat("region ", name(), ": the node sent other than the ", out.size(),
                                                   " bytes asked for at offset ", offset)),
                  connection_->name());
}

absl::Status Region::Write(uint64_t offset, std::string_view data, absl::Duration timeout) {
  if (absl::Status legal = CheckTimeout("timeout", timeout); !legal.ok()) return legal;
  return WhileAway(
             timeout,
             [&](absl::Duration left) { return WritePieces(*connection_, id(), offset, data, "", nullptr, left); })
      .status();
}

absl::StatusOr<uint64_t> Region::WriteThenNotify(uint64_t offset, std::string_view data, const SignalChange& change,
                                                 absl::Duration timeout) {
  if (absl::Status legal = CheckTimeout("timeout", timeout); !legal.ok()) return legal;
  const std::string request_id = NextRequestId();
  auto answer = WhileAway(timeout, [&](absl::Duration left) {
    return WritePieces(*connection_, id(), offset, data, request_id, &change, left);
  });
  if (!answer.ok()) return answer.status();
  return answer->signal_value();
}

absl::StatusOr<uint64_t> Region::Notify(const SignalChange& change) {
  const MonoTime deadline = After(MonoNow(), connection_->options().call_timeout);
  v1::NotifyRequest request;
  *request.mutable_notify() = ToProto(change);
  if (auto answer = watches_->Notify(request.notify(), connection_->options().call_timeout)) return *std::move(answer);
  *request.mutable_region() = id();
  request.set_request_id(NextRequestId());
  auto answer = WhileAway(Between(MonoNow(), deadline), [&](absl::Duration left) {
    return connection_->Call(connection_->memory(), &v1::MemoryService::Stub::Notify, request, left);
  });
  if (!answer.ok()) return answer.status();
  return answer->value();
}

}  // namespace l3link::client
