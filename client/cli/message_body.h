// Message bodies between what a person types or reads and the bytes of a lane.
#ifndef L3LINK_CLIENT_CLI_MESSAGE_BODY_H_
#define L3LINK_CLIENT_CLI_MESSAGE_BODY_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/proto_json.h"
#include "l3link/v1/channel.pb.h"

namespace l3link::cli {

// Where bodies come from: --text (also as plain arguments), --hex, --file PATH or -.
struct BodyOptions {
  std::vector<std::string> texts;
  std::vector<std::string> hexes;
  std::vector<std::string> files;

  void AddTo(CLI::App* command, const std::string& positional);
  // Texts, then hex, then files. INVALID_ARGUMENT for what is not hex, UNKNOWN for a file that cannot be read.
  absl::StatusOr<std::vector<std::string>> Read() const;
};

// A received message, of whichever form.
struct ReceivedMessage {
  uint32_t lane = 0;
  uint64_t sequence = 0;
  uint32_t route = 0;
  uint64_t correlation_id = 0;
  bool redelivered = false;
  std::string body;
};

ReceivedMessage ToReceived(const v1::Message& message);

// How a body is shown: text where it is UTF-8 without control bytes, else hex, unless one of them is asked for.
enum class BodyView { kAuto, kText, kHex };

// --text, --hex of the commands that show messages.
struct ViewOptions {
  BodyView view = BodyView::kAuto;

  void AddTo(CLI::App* command);
};

// For a table's cell; longer than `max_columns` is cut, ending in "...". 0: never cut.
std::string ShowBody(absl::string_view body, BodyView view, size_t max_columns);
// {"lane","sequence","route","correlation_id","redelivered","bytes","text" or "hex"}
Json MessageJson(const ReceivedMessage& message, BodyView view);

// Two digits a byte, either case; spaces between bytes are skipped.
absl::StatusOr<std::string> DecodeHex(absl::string_view hex);

bool IsUtf8(absl::string_view text);

// The whole file, or standard input for "-".
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_MESSAGE_BODY_H_
