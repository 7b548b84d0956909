#include "client/cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/quantity.h"

namespace l3link::cli {
namespace {

constexpr int kBarColumns = 28;
constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kLineInterval = std::chrono::seconds(5);

std::string Amount(double amount, Progress::Unit unit) {
  return unit == Progress::Unit::kBytes ? FormatByteCount(amount) : GroupDigits(static_cast<uint64_t>(amount));
}

}  // namespace

Progress::Progress(std::FILE* file, std::string label, uint64_t total, Unit unit, Otherwise otherwise)
    : file_(file),
      label_(std::move(label)),
      total_(total),
      unit_(unit),
      terminal_(isatty(fileno(file)) != 0),
      silent_(!terminal_ && otherwise == Otherwise::kNothing),
      began_(Clock::now()),
      drawn_(began_) {}

Progress::~Progress() {
  if (terminal_ && shown_) fputs("\r\x1b[K", file_);
}

void Progress::Update(uint64_t done) {
  if (silent_) return;
  const auto now = Clock::now();
  if (now - drawn_ < (terminal_ ? Clock::duration(kRedraw) : Clock::duration(kLineInterval))) return;
  drawn_ = now;
  shown_ = true;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const std::string line = ProgressLine(label_, done, total_, seconds, unit_, terminal_ ? kBarColumns : 0);
  fprintf(file_, terminal_ ? "\r%s\x1b[K" : "%s\n", line.c_str());
  fflush(file_);
}

std::string ProgressLine(const std::string& label, uint64_t done, uint64_t total, double seconds, Progress::Unit unit,
                         int columns) {
  const double share = total == 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  std::string line = label;
  if (columns > 0) {
    const int filled = static_cast<int>(share * columns);
    std::string bar(columns, ' ');
    std::fill_n(bar.begin(), filled, '=');
    if (filled < columns) bar[filled] = '>';
    absl::StrAppend(&line, "  [", bar, "]");
  }
  absl::StrAppendFormat(&line, "  %3.0f %%  %s of %s", share * 100, Amount(static_cast<double>(done), unit),
                        Amount(static_cast<double>(total), unit));
  if (seconds > 0) absl::StrAppend(&line, "  ", Amount(static_cast<double>(done) / seconds, unit), "/s");
  return line;
}

std::string GroupDigits(uint64_t number) {
  std::string digits = absl::StrCat(number);
  for (size_t place = digits.size(); place > 3;) {
    place -= 3;
    digits.insert(place, 1, ',');
  }
  return digits;
}

}  // namespace l3link::cli
