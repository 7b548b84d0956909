#include "proto/piece.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "l3link/v1/memory.pb.h"

namespace l3link {
namespace {

using Random = std::mt19937_64;

// A number below `limit`.
size_t Below(Random& random, size_t limit) { return random() % limit; }

// The bytes in slices as they may come: of any size below `limit`, also of none.
grpc::ByteBuffer InSlices(const std::string& bytes, Random& random, size_t limit = 40) {
  std::vector<grpc::Slice> slices;
  for (size_t at = 0; at < bytes.size();) {
    const size_t size = std::min(Below(random, limit), bytes.size() - at);
    slices.emplace_back(bytes.data() + at, size);
    at += size;
  }
  return {slices.data(), slices.size()};
}

std::string BytesOf(const grpc::ByteBuffer& frame) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(frame.Dump(&slices).ok());
  std::string bytes;
  for (const grpc::Slice& slice : slices) bytes.append(slice.begin(), slice.end());
  return bytes;
}

std::string RandomBytes(Random& random, size_t most) {
  std::string bytes(Below(random, most + 1), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// Some fields of a piece; several of these in a row are a piece, too, its fields in any order and repeated.
std::string SomeFields(Random& random) {
  v1::WriteRequest piece;
  if (Below(random, 3) == 0) piece.mutable_region()->set_name("r");
  if (Below(random, 3) == 0) piece.mutable_region()->set_generation(random());
  if (Below(random, 2) == 0) piece.set_offset(random() >> Below(random, 64));
  if (Below(random, 2) == 0) piece.set_data(RandomBytes(random, 300));
  if (Below(random, 4) == 0) piece.mutable_notify()->set_value(random());
  if (Below(random, 4) == 0) piece.set_request_id("id");
  std::string fields = piece.SerializeAsString();
  switch (
      Below(random, 12)) {  // what no version of it knows: each wire type, a field 3 of another type, a group, field 16
    case 0: fields += std::string("\x30\x81\x01", 3); break;
    case 1: fields += std::string("\x31\1\2\3\4\5\6\7\x8", 9); break;
    case 2: fields += std::string("\x32\2ab", 4); break;
    case 3: fields += std::string("\x35\1\2\3\4", 5); break;
    case 4: fields += std::string("\x18\x7", 2); break;
    case 5: fields += std::string("\x33\x30\1\x34", 4); break;
    case 6: fields += std::string("\x82\1\1z", 4); break;
    case 7: fields += std::string("\x1a\x83\x80\x80\x80\0xyz", 9); break;  // a length of more bytes than it needs
  }
  return fields;
}

void Damage(std::string* bytes, Random& random) {
  if (bytes->empty()) return;
  const size_t at = Below(random, bytes->size());
  switch (Below(random, 4)) {
    case 0: (*bytes)[at] = static_cast<char>(random()); break;
    case 1: (*bytes)[at] ^= static_cast<char>(1 << Below(random, 8)); break;
    case 2: bytes->resize(at); break;
    case 3: bytes->insert(at, RandomBytes(random, 12)); break;
  }
}

// Both parsers on the same bytes: the same answer, the same fields. Answers whether they accepted.
template <typename Message>
bool AgreeOn(const std::string& bytes, Random& random, PieceData* data) {
  Message whole, head;
  grpc::ByteBuffer frame = InSlices(bytes, random);
  const bool accepted = whole.ParseFromString(bytes);
  EXPECT_EQ(ParsePiece(&frame, &head, data), accepted) << testing::PrintToString(bytes);
  if (!accepted) return false;
  EXPECT_TRUE(head.data().empty());
  EXPECT_EQ(data->size(), whole.data().size());
  std::string joined(data->size(), '\0');
  data->CopyTo(joined.data());
  head.set_data(joined);
  EXPECT_EQ(head.SerializeAsString(), whole.SerializeAsString()) << testing::PrintToString(bytes);
  return true;
}

TEST(PieceTest, ParsesWhatTheGeneratedParserDoesAndRefusesTheRest) {
  Random random(1);
  PieceData data;
  int accepted = 0, refused = 0;
  for (int i = 0; i < 60'000 && !testing::Test::HasFailure(); ++i) {
    std::string bytes;
    for (size_t parts = Below(random, 4); parts > 0; --parts) bytes += SomeFields(random);
    for (size_t damages = Below(random, 3); damages > 0; --damages) Damage(&bytes, random);
    ++(AgreeOn<v1::WriteRequest>(bytes, random, &data) ? accepted : refused);
    AgreeOn<v1::ReadResponse>(bytes, random, &data);
  }
  EXPECT_GT(accepted, 10'000);
  EXPECT_GT(refused, 10'000);
}

TEST(PieceTest, LeavesTheDataWhereItLiesInTheFrame) {
  v1::WriteRequest piece;
  piece.set_offset(7);
  piece.set_data(std::string(1000, 'd'));
  const grpc::Slice slice(piece.SerializeAsString());
  grpc::ByteBuffer frame(&slice, 1);
  v1::WriteRequest head;
  PieceData data;
  ASSERT_TRUE(ParsePiece(&frame, &head, &data));
  ASSERT_EQ(data.runs().size(), 1u);
  EXPECT_EQ(data.runs()[0].data() + 1000, reinterpret_cast<const char*>(slice.end()));
  EXPECT_EQ(head.ShortDebugString(), "offset: 7");
}

TEST(PieceTest, CopiesBulkInRunsOfAnySizeToAnyPlace) {
  Random random(4);
  v1::WriteRequest piece;
  for (int i = 0; i < 300'000; ++i) piece.mutable_data()->push_back(static_cast<char>(random()));
  v1::WriteRequest head;
  PieceData data;
  for (size_t at = 0; at < 64; at += 7) {
    grpc::ByteBuffer frame = InSlices(piece.SerializeAsString(), random, 1000);
    ASSERT_TRUE(ParsePiece(&frame, &head, &data));
    std::string got(at + data.size() + 64, '.');
    std::string wanted = got;
    data.CopyTo(got.data() + at);
    EXPECT_TRUE(got == wanted.replace(at, data.size(), piece.data())) << at;
  }
}

TEST(PieceTest, KeepsNothingOfThePieceBefore) {
  Random random(2);
  v1::ReadResponse head;
  PieceData data;
  grpc::ByteBuffer first = InSlices(std::string("\x8\1\x12\3abc", 7), random);
  ASSERT_TRUE(ParsePiece(&first, &head, &data));
  grpc::ByteBuffer empty = InSlices("", random);
  ASSERT_TRUE(ParsePiece(&empty, &head, &data));
  EXPECT_EQ(data.size(), 0u);
  EXPECT_TRUE(data.runs().empty());
  EXPECT_EQ(head.offset(), 0u);
}

TEST(PieceTest, MakesTheBytesThatTheGeneratedClassWrites) {
  Random random(3);
  for (const size_t size : {0, 1, 127, 128, 5000, 1 << 20}) {
    v1::ReadResponse head;
    head.set_offset(random() >> Below(random, 64));
    OutgoingPiece piece(head, size);
    ASSERT_EQ(piece.data().size(), size);
    for (char& byte : piece.data()) byte = static_cast<char>(random());
    v1::ReadResponse whole = head;
    whole.set_data(std::string(piece.data().begin(), piece.data().end()));
    EXPECT_TRUE(BytesOf(piece.frame()) == whole.SerializeAsString()) << size << " bytes";
  }
}

TEST(PieceTest, MakesPiecesWithFieldsOnBothSidesOfTheData) {
  v1::WriteRequest head;
  head.mutable_region()->set_name("r");
  head.mutable_notify()->set_value(3);
  head.set_request_id("id");
  OutgoingPiece piece(head, 3);
  piece.data()[0] = piece.data()[1] = piece.data()[2] = 'x';
  v1::WriteRequest whole;
  ASSERT_TRUE(whole.ParseFromString(BytesOf(piece.frame())));
  head.set_data("xxx");
  EXPECT_EQ(whole.ShortDebugString(), head.ShortDebugString());
}

}  // namespace
}  // namespace l3link
