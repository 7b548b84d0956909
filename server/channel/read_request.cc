#include "server/channel/read_request.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "proto/piece.h"
#include "server/channel/messages_decoder.h"

namespace l3link {

absl::Status ReadRequest(grpc::ByteBuffer* bytes, v1::StreamRequest* request, FramePayload* payload) {
  const auto owner = std::make_shared<grpc::ByteBuffer>();
  owner->Swap(bytes);
  grpc::ProtoBufferReader reader(owner.get());
  if (reader.status().ok() && DecodeMessages(&reader, request, payload)) {
    payload->set_owner(owner);
    return absl::OkStatus();
  }
  const size_t length = owner->Length();
  payload->Clear();
  if (!owner->Valid() || !ParseFrame(owner.get(), request)) {
    return Refuse(Reason::kMALFORMED_FRAME,
                  absl::StrCat("a frame of ", length, " bytes is no l3link.v1.StreamRequest"));
  }
  if (request->has_messages()) *payload = FramePayload::Of(request->messages());
  return absl::OkStatus();
}

}  // namespace l3link
