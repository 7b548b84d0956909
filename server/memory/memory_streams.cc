#include "server/memory/memory_streams.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "backends/host/refusal.h"
#include "server/memory/memory_stream.h"

namespace l3link {
namespace {

// So much before the node cancels what is left, streams are ended with a reason.
constexpr absl::Duration kLastWords = absl::Milliseconds(250);

void EndIfThere(StreamLine& line, const absl::Status& why) {
  absl::MutexLock lock(&line.mu);
  if (line.stream != nullptr) line.stream->End(why);
}

}  // namespace

void MemoryStreams::Enter(std::shared_ptr<StreamLine> line) {
  absl::MutexLock lock(&mu_);
  lines_.insert(std::move(line));
}

void MemoryStreams::Leave(const std::shared_ptr<StreamLine>& line) {
  absl::MutexLock lock(&mu_);
  lines_.erase(line);
}

void MemoryStreams::StartDraining(MonoTime deadline) {
  std::vector<std::shared_ptr<StreamLine>> lines;
  {
    absl::MutexLock lock(&mu_);
    lines.assign(lines_.begin(), lines_.end());
  }
  for (const std::shared_ptr<StreamLine>& line : lines) {
    absl::MutexLock lock(&line->mu);
    if (line->stream != nullptr) line->stream->OnDraining(deadline);
  }
  const MonoTime now = MonoNow();
  const MonoTime last = deadline == kNever ? kNever : std::max(now, deadline - absl::ToChronoNanoseconds(kLastWords));
  node_.ticker().Add(last, [lines = std::move(lines), why = node_.CheckNotDraining()](MonoTime) {
    for (const std::shared_ptr<StreamLine>& line : lines) EndIfThere(*line, why);
  });
}

}  // namespace l3link
