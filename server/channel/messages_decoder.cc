#include "server/channel/messages_decoder.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/repeated_field.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/base/config.h"

namespace l3link {
namespace {

#ifndef ABSL_IS_LITTLE_ENDIAN
#error "fixed-width arrays are read as they lie on the wire"
#endif

using google::protobuf::RepeatedField;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr uint32_t Varint(int field) { return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_VARINT); }
constexpr uint32_t Bytes(int field) {
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}

// All fields up to the limit, in order and each once, by `read(tag)`.
template <typename Read>
bool ReadFields(CodedInputStream* in, Read read) {
  for (uint32_t last = 0; in->BytesUntilLimit() > 0;) {
    const uint32_t tag = in->ReadTag();
    if (tag <= last || !read(tag)) return false;
    last = tag;
  }
  return true;
}

// Of a field, which ends within the message that it is in.
bool ReadLength(CodedInputStream* in, int* length) {
  if (!in->ReadVarintSizeAsInt(length)) return false;
  const int most = in->BytesUntilLimit();
  return most < 0 || *length <= most;
}

template <typename Read>
bool ReadMessage(CodedInputStream* in, Read read) {
  int length = 0;
  if (!ReadLength(in, &length)) return false;
  const CodedInputStream::Limit limit = in->PushLimit(length);
  const bool whole = ReadFields(in, read);
  in->PopLimit(limit);
  return whole;
}

template <typename Word>
bool ReadArray(CodedInputStream* in, RepeatedField<Word>* array) {
  int length = 0;
  if (!ReadLength(in, &length) || length % sizeof(Word) != 0) return false;
  const int count = length / static_cast<int>(sizeof(Word));
  array->Reserve(count);
  return in->ReadRaw(array->AddNAlreadyReserved(count), length);
}

bool TakePieces(CodedInputStream* in, FramePayload* payload) {
  int length = 0;
  if (!ReadLength(in, &length)) return false;
  while (length > 0) {
    const void* data = nullptr;
    int size = 0;
    if (!in->GetDirectBufferPointer(&data, &size)) return false;
    size = std::min(size, length);
    payload->Add({static_cast<const std::byte*>(data), static_cast<size_t>(size)});
    if (!in->Skip(size)) return false;
    length -= size;
  }
  return true;
}

bool ReadPacked(CodedInputStream* in, v1::PackedMessages* packed, FramePayload* payload) {
  return ReadMessage(in, [&](uint32_t tag) {
    switch (tag) {
      case Bytes(v1::PackedMessages::kSizesFieldNumber): return ReadArray(in, packed->mutable_sizes());
      case Bytes(v1::PackedMessages::kRoutesFieldNumber): return ReadArray(in, packed->mutable_routes());
      case Bytes(v1::PackedMessages::kCorrelationIdsFieldNumber):
        return ReadArray(in, packed->mutable_correlation_ids());
      case Bytes(v1::PackedMessages::kPayloadsFieldNumber): return TakePieces(in, payload);
      default: return false;
    }
  });
}

bool ReadFragment(CodedInputStream* in, v1::Fragment* fragment, FramePayload* payload) {
  return ReadMessage(in, [&](uint32_t tag) {
    if (tag == Bytes(v1::Fragment::kDataFieldNumber)) return TakePieces(in, payload);
    uint64_t value = 0;
    if (!in->ReadVarint64(&value)) return false;
    switch (tag) {
      case Varint(v1::Fragment::kOffsetFieldNumber): return fragment->set_offset(value), true;
      case Varint(v1::Fragment::kTotalBytesFieldNumber): return fragment->set_total_bytes(value), true;
      case Varint(v1::Fragment::kRouteFieldNumber): return fragment->set_route(static_cast<uint32_t>(value)), true;
      case Varint(v1::Fragment::kCorrelationIdFieldNumber): return fragment->set_correlation_id(value), true;
      default: return false;
    }
  });
}

bool ReadAck(CodedInputStream* in, v1::Ack* ack) {
  return ReadMessage(in, [&](uint32_t tag) {
    uint64_t through = 0;
    if (tag != Varint(v1::Ack::kThroughFieldNumber) || !in->ReadVarint64(&through)) return false;
    ack->set_through(through);
    return true;
  });
}

// Of two forms at once, or of entries for people, Protobuf's parser is to tell.
bool ReadMessages(CodedInputStream* in, v1::Messages* messages, FramePayload* payload) {
  bool has_form = false;
  const bool whole = ReadMessage(in, [&](uint32_t tag) {
    uint64_t value = 0;
    switch (tag) {
      case Varint(v1::Messages::kFirstSequenceFieldNumber):
        return in->ReadVarint64(&value) && (messages->set_first_sequence(value), true);
      case Varint(v1::Messages::kUnsequencedFieldNumber):
        return in->ReadVarint64(&value) && (messages->set_unsequenced(value != 0), true);
      case Bytes(v1::Messages::kPackedFieldNumber):
        messages->clear_fragment();
        return !std::exchange(has_form, true) && ReadPacked(in, messages->mutable_packed(), payload);
      case Bytes(v1::Messages::kFragmentFieldNumber):
        messages->clear_packed();
        return !std::exchange(has_form, true) && ReadFragment(in, messages->mutable_fragment(), payload);
      case Bytes(v1::Messages::kAckFieldNumber): return ReadAck(in, messages->mutable_ack());
      case Varint(v1::Messages::kMoreFollowFieldNumber):
        return in->ReadVarint64(&value) && (messages->set_more_follow(value != 0), true);
      case Varint(v1::Messages::kRenewTokenFieldNumber):
        return in->ReadVarint64(&value) && (messages->set_renew_token(value), true);
      default: return false;
    }
  });
  return whole && has_form;
}

// Fields that do not come are to be as they are by default; arrays keep their memory.
void Reset(v1::Messages* messages) {
  messages->set_first_sequence(0);
  messages->set_unsequenced(false);
  messages->clear_messages();
  messages->clear_progress();
  messages->clear_ack();
  messages->set_more_follow(false);
  messages->set_renew_token(0);
  messages->clear_fragment();
  if (!messages->has_packed()) return;
  messages->mutable_packed()->mutable_sizes()->Clear();
  messages->mutable_packed()->mutable_routes()->Clear();
  messages->mutable_packed()->mutable_correlation_ids()->Clear();
  messages->mutable_packed()->mutable_payloads()->clear();
}

}  // namespace

bool DecodeMessages(google::protobuf::io::ZeroCopyInputStream* bytes, v1::StreamRequest* request,
                    FramePayload* payload) {
  CodedInputStream in(bytes);
  payload->Clear();
  if (in.ReadTag() != Bytes(v1::StreamRequest::kMessagesFieldNumber)) return false;
  Reset(request->mutable_messages());
  const void* more = nullptr;
  int size = 0;
  return ReadMessages(&in, request->mutable_messages(), payload) && !in.GetDirectBufferPointer(&more, &size);
}

}  // namespace l3link
