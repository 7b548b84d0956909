#include "client/cli/hex_dump.h"

#include <cstring>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace l3link::cli {
namespace {

constexpr size_t kBytesInALine = 16;

std::string HexDump(absl::string_view data, uint64_t offset) {
  std::string text;
  for (size_t line = 0; line < data.size(); line += kBytesInALine) {
    const absl::string_view bytes = data.substr(line, kBytesInALine);
    std::string hex, letters;
    for (size_t i = 0; i < kBytesInALine; ++i) {
      if (i == kBytesInALine / 2) hex += ' ';
      if (i >= bytes.size()) {
        hex += "   ";
        continue;
      }
      const auto byte = static_cast<unsigned char>(bytes[i]);
      absl::StrAppendFormat(&hex, " %02x", byte);
      letters += absl::ascii_isprint(byte) ? static_cast<char>(byte) : '.';
    }
    absl::StrAppendFormat(&text, "%08x %s  |%s|\n", offset + line, hex, letters);
  }
  return text;
}

template <typename T>
std::string Numbers(absl::string_view data) {
  std::string text;
  for (size_t at = 0; at + sizeof(T) <= data.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, data.data() + at, sizeof(T));
    if constexpr (std::is_floating_point_v<T>) {
      absl::StrAppendFormat(&text, "%.9g\n", static_cast<double>(value));
    } else {
      absl::StrAppend(&text, value, "\n");
    }
  }
  return text;
}

const std::map<std::string, ElementType>& TypesByName() {
  static const auto* const kTypes = new std::map<std::string, ElementType>{
      {"dump", ElementType::kHexDump}, {"f32", ElementType::kF32}, {"f64", ElementType::kF64},
      {"i32", ElementType::kI32},      {"u32", ElementType::kU32}, {"u64", ElementType::kU64}};
  return *kTypes;
}

}  // namespace

std::string ShowElements(absl::string_view data, uint64_t offset, ElementType type) {
  switch (type) {
    case ElementType::kHexDump: return HexDump(data, offset);
    case ElementType::kF32: return Numbers<float>(data);
    case ElementType::kF64: return Numbers<double>(data);
    case ElementType::kI32: return Numbers<int32_t>(data);
    case ElementType::kU32: return Numbers<uint32_t>(data);
    case ElementType::kU64: return Numbers<uint64_t>(data);
  }
  return "";
}

CLI::Option* AddElementType(CLI::App* command, const std::string& name, ElementType* type) {
  return command
      ->add_option_function<std::string>(
          name, [type](const std::string& text) { *type = TypesByName().at(text); }, "Show it as")
      ->check(CLI::IsMember({"dump", "f32", "f64", "i32", "u32", "u64"}));
}

}  // namespace l3link::cli
