#include "backends/state/boot_id.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"

namespace l3link {

std::string BootIdText() {
  std::string text;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> text;
  return text;
}

std::array<uint8_t, 16> BootId() {
  std::array<uint8_t, 16> id = {};
  const std::string bytes = absl::HexStringToBytes(absl::StrReplaceAll(BootIdText(), {{"-", ""}}));
  std::memcpy(id.data(), bytes.data(), std::min(bytes.size(), id.size()));
  return id;
}

}  // namespace l3link
