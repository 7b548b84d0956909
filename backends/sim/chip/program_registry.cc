#include "backends/sim/chip/program_registry.h"

#include <cstdio>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "backends/sim/chip/checksum.h"
#include "backends/sim/chip/echo.h"
#include "backends/sim/chip/responding_channel.h"
#include "backends/sim/chip/sink.h"
#include "backends/sim/chip/vector_add.h"

namespace l3link {
namespace {

constexpr struct {
  absl::string_view name;
  uint32_t kind;
  absl::string_view default_prefix;
} kPrograms[] = {{"echo", L3_OBJECT_CHANNEL, ""},
                 {"checksum", L3_OBJECT_CHANNEL, ""},
                 {"sink", L3_OBJECT_CHANNEL, ""},
                 {"source", L3_OBJECT_CHANNEL, ""},
                 {"vector_add", L3_OBJECT_REGION, "vector"}};

void Complain(const l3_object& object, absl::string_view what) {
  absl::FPrintF(stderr, "l3link-sim-chip: %s: %s\n", object.entry.name, what);
}

}  // namespace

absl::StatusOr<ProgramRegistry> ProgramRegistry::Parse(absl::string_view list, const SourceChannel::Config& source) {
  ProgramRegistry registry;
  registry.source_ = source;
  for (absl::string_view item : absl::StrSplit(list, ',')) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(item, absl::MaxSplits('@', 1));
    bool known = false;
    for (const auto& program : kPrograms) {
      if (program.name != parts.first) continue;
      known = true;
      const bool has_prefix = absl::StrContains(item, '@');
      registry.bindings_.push_back(
          {std::string(program.name), std::string(has_prefix ? parts.second : program.default_prefix)});
    }
    if (!known)
      return absl::InvalidArgumentError(absl::StrCat("unknown program '", parts.first,
                                                     "': echo, checksum, sink, source, vector_add, each with @PREFIX "
                                                     "if wanted, or the path of a shared object ending in .so"));
  }
  return registry;
}

absl::string_view ProgramRegistry::ProgramFor(uint32_t kind, absl::string_view name) const {
  const Binding* best = nullptr;
  for (const Binding& binding : bindings_) {
    uint32_t kind_served = 0;
    for (const auto& program : kPrograms)
      if (program.name == binding.program) kind_served = program.kind;
    if (kind_served != kind || !absl::StartsWith(name, binding.prefix)) continue;
    if (best == nullptr || binding.prefix.size() > best->prefix.size()) best = &binding;
  }
  return best == nullptr ? absl::string_view() : best->program;
}

std::unique_ptr<Servant> ProgramRegistry::Serve(l3_chip* chip, const l3_object& object, Faults* faults) const {
  const absl::string_view program = ProgramFor(object.entry.kind, object.entry.name);
  if (program.empty()) return nullptr;
  if (object.entry.kind == L3_OBJECT_REGION) return ServeRegion(chip, object, faults);
  return ServeChannel(program, chip, object, faults);
}

std::unique_ptr<Servant> ProgramRegistry::ServeChannel(absl::string_view program, l3_chip* chip,
                                                       const l3_object& object, Faults* faults) const {
  l3_channel channel;
  const int code = l3_channel_open(chip, &object, &channel);
  if (code != L3_OK) {
    if (code != L3_ECLOSED) Complain(object, l3_code_text(code));
    return nullptr;
  }
  std::unique_ptr<Responder> responder;
  if (program == "source") return std::make_unique<SourceChannel>(channel, source_, faults);
  if (program == "sink") {
    responder = std::make_unique<Sink>(source_.seed, l3_lane_count(&channel, L3_HOST_TO_CHIP));
  } else if (program == "checksum") {
    responder = std::make_unique<Checksum>();
  } else {
    responder = std::make_unique<Echo>();
  }
  return std::make_unique<RespondingChannel>(channel, std::move(responder), faults);
}

std::unique_ptr<Servant> ProgramRegistry::ServeRegion(l3_chip* chip, const l3_object& object, Faults* faults) const {
  l3_region region;
  const int code = l3_region_open(chip, &object, &region);
  if (code != L3_OK) {
    if (code != L3_ECLOSED) Complain(object, l3_code_text(code));
    return nullptr;
  }
  if (!VectorAdd::Suits(region)) {
    Complain(object, "vector_add needs signal 0 written by the host and signal 1 written by the chip; not served");
    return nullptr;
  }
  return std::make_unique<VectorAdd>(region, faults);
}

}  // namespace l3link
