#include "client/cli/message_body.h"

#include <errno.h>
#include <string.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/table.h"

namespace l3link::cli {
namespace {

// Bytes of the UTF-8 sequence at the front of `text`, which is not empty; 0 when there is none. Overlong forms,
// surrogates and what lies beyond U+10FFFF are none (RFC 3629).
size_t SequenceLength(absl::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool bad_second = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) ||
                          (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F);
  return bad_second ? 0 : length;
}

bool HasControlByte(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_iscntrl(c); });
}

}  // namespace

void BodyOptions::AddTo(CLI::App* command, const std::string& positional) {
  command->add_option(positional, texts, "Bodies as text (also --text, for one that begins with -)")->type_name("TEXT");
  command->add_option("--hex", hexes, "Body as hex digits; repeatable")->type_name("HEX")->allow_extra_args(false);
  command->add_option("--file", files, "Body from a file, - for standard input; repeatable")
      ->type_name("PATH")
      ->allow_extra_args(false);
}

absl::StatusOr<std::vector<std::string>> BodyOptions::Read() const {
  std::vector<std::string> bodies = texts;
  for (const std::string& hex : hexes) {
    auto body = DecodeHex(hex);
    if (!body.ok()) return body.status();
    bodies.push_back(*std::move(body));
  }
  for (const std::string& path : files) {
    auto body = ReadFile(path);
    if (!body.ok()) return body.status();
    bodies.push_back(*std::move(body));
  }
  return bodies;
}

void ViewOptions::AddTo(CLI::App* command) {
  CLI::Option* text = command->add_flag_callback(
      "--text", [this] { view = BodyView::kText; }, "Show bodies as text whatever they are");
  command
      ->add_flag_callback(
          "--hex", [this] { view = BodyView::kHex; }, "Show bodies as hex (default: where not UTF-8)")
      ->excludes(text);
}

ReceivedMessage ToReceived(const v1::Message& message) {
  ReceivedMessage received;
  received.lane = message.lane();
  received.sequence = message.sequence();
  received.route = message.route();
  received.correlation_id = message.correlation_id();
  received.redelivered = message.redelivered();
  switch (message.body_case()) {
    case v1::Message::kData: received.body = message.data(); break;
    case v1::Message::kText: received.body = message.text(); break;
    case v1::Message::kHex: received.body = DecodeHex(message.hex()).value_or(""); break;
    case v1::Message::BODY_NOT_SET: break;
  }
  return received;
}

std::string ShowBody(absl::string_view body, BodyView view, size_t max_columns) {
  const bool text = view == BodyView::kText || (view == BodyView::kAuto && IsUtf8(body) && !HasControlByte(body));
  const size_t bytes = max_columns == 0 ? body.size() : std::min(body.size(), max_columns + 1);
  std::string shown =
      text ? Printable(body.substr(0, bytes))
           : absl::StrCat(view == BodyView::kHex ? "" : "hex:", absl::BytesToHexString(body.substr(0, bytes)));
  if (max_columns > 3 && shown.size() > max_columns) {
    size_t keep = max_columns - 3;
    while (keep > 0 && (shown[keep] & 0xC0) == 0x80) --keep;  // never half a code point
    shown.resize(keep);
    shown += "...";
  }
  return shown;
}

Json MessageJson(const ReceivedMessage& message, BodyView view) {
  Json json = Json::object();
  json["lane"] = message.lane;
  json["sequence"] = message.sequence;
  json["route"] = message.route;
  json["correlation_id"] = message.correlation_id;
  json["redelivered"] = message.redelivered;
  json["bytes"] = message.body.size();
  if (view != BodyView::kHex && IsUtf8(message.body)) {
    json["text"] = message.body;
  } else {
    json["hex"] = absl::BytesToHexString(message.body);
  }
  return json;
}

absl::StatusOr<std::string> DecodeHex(absl::string_view hex) {
  std::string digits;
  for (char c : hex) {
    if (c == ' ') continue;
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", hex.substr(0, 40), "' is not hex: '", std::string(1, c), "'"));
    }
    digits += c;
  }
  if (digits.size() % 2 != 0) {
    return absl::InvalidArgumentError(absl::StrCat("'", hex.substr(0, 40), "' has an odd number of hex digits"));
  }
  return absl::HexStringToBytes(digits);
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::FILE* file = path == "-" ? stdin : fopen(path.c_str(), "rb");
  if (file == nullptr) return absl::InvalidArgumentError(absl::StrCat(path, ": ", strerror(errno)));
  absl::Cleanup close = [file] {
    if (file != stdin) fclose(file);
  };
  std::string bytes;
  char block[65536];
  while (const size_t got = fread(block, 1, sizeof(block), file)) bytes.append(block, got);
  if (ferror(file) != 0) return absl::UnknownError(absl::StrCat(path, ": ", strerror(errno)));
  return bytes;
}

}  // namespace l3link::cli
