// A region's bytes for the eye: a hex dump, or numbers of one type, one a line.
#ifndef L3LINK_CLIENT_CLI_HEX_DUMP_H_
#define L3LINK_CLIENT_CLI_HEX_DUMP_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace l3link::cli {

enum class ElementType { kHexDump, kF32, kF64, kI32, kU32, kU64 };

// Little-endian, as the arena is. `offset` is of the first byte; bytes that do not fill an element are left out.
std::string ShowElements(absl::string_view data, uint64_t offset, ElementType type);

// An option that takes dump, f32, f64, i32, u32 or u64.
CLI::Option* AddElementType(CLI::App* command, const std::string& name, ElementType* type);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_HEX_DUMP_H_
