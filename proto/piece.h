// The pieces of MemoryService's Write and Read between messages and gRPC's buffers, without their data ever lying in a string:
// it is read where it lies in gRPC's slices, and written where gRPC sends it from. On the wire they are what the generated
// classes send and understand.
//
// Used by the node and by the client; any thread, one at a time.
#ifndef L3LINK_PROTO_PIECE_H_
#define L3LINK_PROTO_PIECE_H_

#include <google/protobuf/message_lite.h>
#include <grpc/slice.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace l3link {

// The data of a piece that came: runs of bytes in the frame, which must stay as it is meanwhile. Kept from piece to piece, it
// allocates nothing.
class PieceData {
 public:
  size_t size() const { return size_; }  // bytes
  absl::Span<const absl::string_view> runs() const { return runs_; }
  // Copies all of it, one run after the other.
  void CopyTo(char* to) const;

  // For ParsePiece. Finds the field `number`, of type bytes, and puts all other fields into `rest`, as they are. False:
  // this is no row of fields in the form that generated classes write them.
  bool FindIn(grpc::ByteBuffer* frame, int number, std::string* rest);
  // Holds a string of its own instead.
  void Hold(std::string data);

 private:
  std::vector<absl::string_view> runs_;
  size_t size_ = 0;
  std::string own_;
};

// As the generated parser, but `head` is without its data. False: `frame` is no Message.
template <typename Message>
bool ParsePiece(grpc::ByteBuffer* frame, Message* head, PieceData* data);

// A piece to send: room for `data_bytes` of data, behind `head`, which has none.
class OutgoingPiece {
 public:
  template <typename Message>
  OutgoingPiece(const Message& head, size_t data_bytes) : OutgoingPiece(head, Message::kDataFieldNumber, data_bytes) {}
  ~OutgoingPiece() { grpc_slice_unref(slice_); }
  OutgoingPiece(const OutgoingPiece&) = delete;
  OutgoingPiece& operator=(const OutgoingPiece&) = delete;

  // To be filled. Begins a cache line: some processors copy to odd places four times slower.
  absl::Span<char> data() { return {reinterpret_cast<char*>(GRPC_SLICE_START_PTR(slice_)) + head_bytes_, data_bytes_}; }
  // Shares the memory: no more filling.
  grpc::ByteBuffer frame() const {
    const grpc::Slice slice(slice_, grpc::Slice::ADD_REF);
    return grpc::ByteBuffer(&slice, 1);
  }

 private:
  OutgoingPiece(const google::protobuf::MessageLite& head, int data_field, size_t data_bytes);

  const size_t data_bytes_;
  size_t head_bytes_;
  grpc_slice slice_;
};

// A message whole, by its generated class.
grpc::ByteBuffer FrameOf(const google::protobuf::MessageLite& message);
bool ParseFrame(grpc::ByteBuffer* frame, google::protobuf::MessageLite* message);

template <typename Message>
bool ParsePiece(grpc::ByteBuffer* frame, Message* head, PieceData* data) {
  std::string rest;
  if (data->FindIn(frame, Message::kDataFieldNumber, &rest)) return head->ParseFromString(rest);
  if (!ParseFrame(frame, head)) return false;
  data->Hold(std::move(*head->mutable_data()));
  head->clear_data();
  return true;
}

}  // namespace l3link

#endif  // L3LINK_PROTO_PIECE_H_
