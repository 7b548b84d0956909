// The region calls of runtime_c_api.h.
#include <algorithm>
#include <utility>

#include "backends/arena_limits.h"
#include "backends/runtime/argument_checks.h"
#include "backends/runtime/registry.h"
#include "backends/runtime/result.h"
#include "backends/runtime/runtime_c_api.h"

namespace l3link {
namespace {

static_assert(L3LINK_SET == static_cast<int>(NotifyOp::kSet) && L3LINK_ADD == static_cast<int>(NotifyOp::kAdd) &&
              L3LINK_MAX == static_cast<int>(NotifyOp::kMax));
static_assert(L3LINK_GE == static_cast<int>(Comparison::kGe) && L3LINK_GT == static_cast<int>(Comparison::kGt) &&
              L3LINK_EQ == static_cast<int>(Comparison::kEq) && L3LINK_NE == static_cast<int>(Comparison::kNe) &&
              L3LINK_LE == static_cast<int>(Comparison::kLe) && L3LINK_LT == static_cast<int>(Comparison::kLt));
static_assert(L3LINK_WRITER_HOST == static_cast<int>(SignalWriter::kHost) &&
              L3LINK_WRITER_CHIP == static_cast<int>(SignalWriter::kChip) &&
              L3LINK_WRITER_BOTH == static_cast<int>(SignalWriter::kBoth));

absl::StatusOr<RegionConfig> ConfigOf(const DeviceContext& context, const HostDeviceMemoryConfig* cfg,
                                      const uint8_t* writers) {
  if (cfg == nullptr) return NullPointer("cfg");
  if (cfg->data_bytes == 0) return WrongField("data_bytes", 0, "1 or more");
  const uint32_t most = context.limits().max_signals;
  if (cfg->signal_count == 0 || cfg->signal_count > most) {
    return WrongField("signal_count", cfg->signal_count, absl::StrCat("1 to ", most));
  }
  if (cfg->flags != 0) return WrongField("flags", cfg->flags, "0: none is defined");
  if (cfg->data_bytes > kMaxArenaBytes) {
    return absl::ResourceExhaustedError(absl::StrCat("data_bytes: no chip has ", cfg->data_bytes));
  }
  RegionConfig config{cfg->data_bytes, std::vector<SignalWriter>(cfg->signal_count, SignalWriter::kBoth)};
  for (uint32_t i = 0; writers != nullptr && i < cfg->signal_count; ++i) {
    if (writers[i] < L3LINK_WRITER_HOST || writers[i] > L3LINK_WRITER_BOTH) {
      return WrongField("writers", writers[i], "L3LINK_WRITER_HOST, _CHIP or _BOTH");
    }
    config.signal_writers[i] = static_cast<SignalWriter>(writers[i]);
  }
  return config;
}

absl::StatusOr<void*> HandleOf(void* ctx, DeviceContext& context, const std::shared_ptr<HostRegion>& region,
                               bool owner) {
  void* handle = Registry::Get().AddMemory(ctx, region, owner);
  if (handle != nullptr) return handle;
  if (owner) (void)context.calls().CloseSharedMemory(*region);
  return StaleHandle("ctx");
}

absl::StatusOr<void*> OpenMemory(void* ctx, absl::string_view name, const HostDeviceMemoryConfig* cfg,
                                 const uint8_t* writers) {
  const std::shared_ptr<DeviceContext> context = Registry::Get().FindContext(ctx);
  if (context == nullptr) return StaleHandle("ctx");
  absl::StatusOr<RegionConfig> config = ConfigOf(*context, cfg, writers);
  if (!config.ok()) return config.status();
  absl::StatusOr<std::shared_ptr<HostRegion>> region = context->calls().OpenSharedMemory(name, *config);
  if (!region.ok()) return region.status();
  return HandleOf(ctx, *context, *region, true);
}

absl::StatusOr<void*> AttachMemory(void* ctx, const char* name) {
  const std::shared_ptr<DeviceContext> context = Registry::Get().FindContext(ctx);
  if (context == nullptr) return StaleHandle("ctx");
  if (name == nullptr) return NullPointer("name");
  absl::StatusOr<std::shared_ptr<HostRegion>> region = context->calls().FindSharedMemory(name);
  if (!region.ok()) return region.status();
  return HandleOf(ctx, *context, *region, false);
}

int CloseMemory(void* ctx, void* mem) {
  if (mem == nullptr) return kDone;
  const HeldMemory held = Registry::Get().RemoveMemory(ctx, mem);
  if (!held) return Report(StaleHandle("mem"));
  // That another handle of it closed it before is no fault of this one.
  if (held.owner) (void)held.context->calls().CloseSharedMemory(*held.object);
  return kDone;
}

int Info(void* ctx, void* mem, HostDeviceMemoryInfo* info) {
  if (info == nullptr) return Report(NullPointer("info"));
  const HeldMemory held = Registry::Get().FindMemory(ctx, mem);
  if (!held) return Report(StaleHandle("mem"));
  absl::StatusOr<SharedMemoryInfo> found = held.context->calls().GetSharedMemoryInfo(*held.object);
  if (!found.ok()) return Report(found.status());
  *info = {reinterpret_cast<uint64_t>(found->host_ptr), found->device_ptr, found->data_bytes, found->signal_count, 0};
  return kDone;
}

int Read(void* ctx, void* mem, uint64_t offset, absl::Span<std::byte> out) {
  if (out.data() == nullptr && !out.empty()) return Report(NullPointer("dst"));
  const HeldMemory held = Registry::Get().FindMemory(ctx, mem);
  if (!held) return Report(StaleHandle("mem"));
  return Report(held.context->calls().SharedMemoryRead(*held.object, offset, out));
}

int Write(void* ctx, void* mem, uint64_t offset, absl::Span<const std::byte> data) {
  if (data.data() == nullptr && !data.empty()) return Report(NullPointer("src"));
  const HeldMemory held = Registry::Get().FindMemory(ctx, mem);
  if (!held) return Report(StaleHandle("mem"));
  return Report(held.context->calls().SharedMemoryWrite(*held.object, offset, data));
}

int Notify(void* ctx, void* mem, uint32_t signal_id, int op, uint64_t value, uint64_t* out_value) {
  if (op < L3LINK_SET || op > L3LINK_MAX) return Report(absl::InvalidArgumentError("op: not L3LINK_SET, _ADD or _MAX"));
  const HeldMemory held = Registry::Get().FindMemory(ctx, mem);
  if (!held) return Report(StaleHandle("mem"));
  absl::StatusOr<uint64_t> now =
      held.context->calls().SharedMemoryNotify(*held.object, {signal_id, static_cast<NotifyOp>(op), value});
  if (now.ok() && out_value != nullptr) *out_value = *now;
  return Report(now.status());
}

int Wait(void* ctx, void* mem, uint32_t signal_id, int comparison, uint64_t target, absl::Duration timeout,
         uint64_t* out_value) {
  if (comparison < L3LINK_GE || comparison > L3LINK_LT) {
    return Report(absl::InvalidArgumentError("comparison: not one of L3LINK_GE to L3LINK_LT"));
  }
  const HeldMemory held = Registry::Get().FindMemory(ctx, mem);
  if (!held) return Report(StaleHandle("mem"));
  absl::StatusOr<uint64_t> met = held.context->calls().SharedMemoryWait(
      *held.object, {signal_id, static_cast<Comparison>(comparison), target}, timeout);
  if (met.ok() && out_value != nullptr) *out_value = *met;
  return Report(met.status());
}

}  // namespace
}  // namespace l3link

using namespace l3link;

extern "C" {

void* open_host_device_memory_ctx(DeviceContextHandle ctx, const HostDeviceMemoryConfig* cfg) {
  return GuardedOpen([&] { return OpenMemory(ctx, "", cfg, nullptr); });
}

int close_host_device_memory_ctx(DeviceContextHandle ctx, void* mem) {
  return Guarded([&] { return CloseMemory(ctx, mem); });
}

int host_device_memory_info_ctx(DeviceContextHandle ctx, void* mem, HostDeviceMemoryInfo* info) {
  return Guarded([&] { return Info(ctx, mem, info); });
}

int host_device_memory_read_ctx(DeviceContextHandle ctx, void* mem, uint64_t offset, void* dst, size_t n) {
  return Guarded([&] { return Read(ctx, mem, offset, BytesAt(dst, n)); });
}

int host_device_memory_write_ctx(DeviceContextHandle ctx, void* mem, uint64_t offset, const void* src, size_t n) {
  return Guarded([&] { return Write(ctx, mem, offset, BytesAt(src, n)); });
}

int host_device_memory_notify_ctx(DeviceContextHandle ctx, void* mem, uint32_t signal_id, uint64_t value) {
  return Guarded([&] { return Notify(ctx, mem, signal_id, L3LINK_SET, value, nullptr); });
}

int host_device_memory_wait_ctx(DeviceContextHandle ctx, void* mem, uint32_t signal_id, uint64_t target,
                                uint32_t timeout_us) {
  return Guarded([&] { return Wait(ctx, mem, signal_id, L3LINK_GE, target, TimeoutOf(timeout_us), nullptr); });
}

void* l3link_memory_open(DeviceContextHandle ctx, const char* name, const HostDeviceMemoryConfig* cfg,
                         const uint8_t* writers) {
  return GuardedOpen([&]() -> absl::StatusOr<void*> {
    if (name == nullptr || *name == '\0') return absl::InvalidArgumentError("name: null or empty");
    return OpenMemory(ctx, name, cfg, writers);
  });
}

void* l3link_memory_attach(DeviceContextHandle ctx, const char* name) {
  return GuardedOpen([&] { return AttachMemory(ctx, name); });
}

int l3link_memory_notify(DeviceContextHandle ctx, void* mem, uint32_t signal_id, int op, uint64_t value,
                         uint64_t* out_value) {
  return Guarded([&] { return Notify(ctx, mem, signal_id, op, value, out_value); });
}

int l3link_memory_wait(DeviceContextHandle ctx, void* mem, uint32_t signal_id, int comparison, uint64_t target,
                       int64_t timeout_us, uint64_t* out_value) {
  return Guarded([&] { return Wait(ctx, mem, signal_id, comparison, target, SignedTimeoutOf(timeout_us), out_value); });
}

}  // extern "C"
