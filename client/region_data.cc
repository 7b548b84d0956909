// Region's data and signals: bulk by streaming RPCs, in pieces, straight between the caller's span and the wire's frames.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>

#include "absl/strings/str_cat.h"
#include "client/connection.h"
#include "client/errors.h"
#include "client/region.h"
#include "client/while_away.h"

namespace l3link::client {
namespace {

constexpr size_t kPieceBytes = 512 << 10;

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
  grpc::ClientContext context;
  SetDeadline(context, timeout);
  v1::WriteResponse response;
  const auto writer = connection.memory()->Write(&context, &response);
  v1::WriteRequest piece;
  *piece.mutable_region() = region;
  piece.set_offset(offset);
  piece.set_request_id(request_id);
  do {
    piece.mutable_data()->assign(data.data(), std::min(data.size(), kPieceBytes));  // set_data would copy twice
    data.remove_prefix(piece.data().size());
    if (data.empty() && change != nullptr) *piece.mutable_notify() = ToProto(*change);
    if (!writer->Write(piece)) break;  // Finish says why
    piece.clear_region();
    piece.clear_offset();
    piece.clear_request_id();
  } while (!data.empty());
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return connection.ToStatus(status);
  return response;
}

}  // namespace

absl::Status Region::Read(uint64_t offset, absl::Span<char> out, absl::Duration timeout) const {
  if (absl::Status legal = CheckTimeout("timeout", timeout); !legal.ok()) return legal;
  return WhileAway(timeout, [&](absl::Duration left) { return ReadOnce(offset, out, left); });
}

absl::Status Region::ReadOnce(uint64_t offset, absl::Span<char> out, absl::Duration timeout) const {
  grpc::ClientContext context;
  SetDeadline(context, timeout);
  v1::ReadRequest request;
  *request.mutable_region() = id();
  request.set_offset(offset);
  request.set_length(out.size());
  const auto reader = connection_->memory()->Read(&context, request);
  size_t filled = 0;
  bool in_place = true;
  for (v1::ReadResponse piece; in_place && reader->Read(&piece);) {
    const std::string& data = piece.data();
    in_place = piece.offset() == offset + filled && data.size() <= out.size() - filled;
    if (!in_place) break;
    std::memcpy(out.data() + filled, data.data(), data.size());
    filled += data.size();
  }
  if (!in_place) context.TryCancel();
  const grpc::Status status = reader->Finish();
  if (in_place && !status.ok()) return connection_->ToStatus(status);
  if (in_place && filled == out.size()) return absl::OkStatus();
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
  v1::NotifyRequest request;
  *request.mutable_region() = id();
  *request.mutable_notify() = ToProto(change);
  request.set_request_id(NextRequestId());
  auto answer = WhileAway(connection_->options().call_timeout, [&](absl::Duration left) {
    return connection_->Call(connection_->memory(), &v1::MemoryService::Stub::Notify, request, left);
  });
  if (!answer.ok()) return answer.status();
  return answer->value();
}

}  // namespace l3link::client
