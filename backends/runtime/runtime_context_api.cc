// The context calls of runtime_c_api.h.
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "backends/runtime/registry.h"
#include "backends/runtime/result.h"
#include "backends/runtime/runtime_c_api.h"

namespace l3link {
namespace {

// Ends the context on the thread of its last user, and then tells whoever destroys it.
struct EndOfContext {
  std::shared_ptr<absl::Notification> ended = std::make_shared<absl::Notification>();

  void operator()(DeviceContext* context) const {
    delete context;
    ended->Notify();
  }
};

absl::StatusOr<void*> CreateContext(const char* platform, int device_id, const char* options) {
  if (platform == nullptr) return absl::InvalidArgumentError("platform: a null pointer");
  if (device_id < 0) return absl::InvalidArgumentError(absl::StrCat("device_id: ", device_id, " is not 0 or more"));
  absl::StatusOr<ContextOptions> parsed = ParseContextOptions(options == nullptr ? "" : options);
  if (!parsed.ok()) return parsed.status();
  absl::StatusOr<std::unique_ptr<DeviceContext>> context =
      DeviceContext::Create(platform, static_cast<uint32_t>(device_id), *std::move(parsed));
  if (!context.ok()) return context.status();
  void* handle = Registry::Get().AddContext(std::shared_ptr<DeviceContext>(context->release(), EndOfContext()));
  if (handle == nullptr) return absl::ResourceExhaustedError("too many contexts were created");
  return handle;
}

void DestroyContext(DeviceContextHandle ctx) {
  std::shared_ptr<DeviceContext> context = Registry::Get().RemoveContext(ctx);
  if (context == nullptr) {
    if (ctx != nullptr) SetLastError("ctx: a stale handle, or none of a context");
    return;
  }
  const std::shared_ptr<absl::Notification> ended = std::get_deleter<EndOfContext>(context)->ended;
  context->calls().CloseEverything();  // whoever waits in it leaves
  context.reset();
  ended->WaitForNotification();
}

}  // namespace
}  // namespace l3link

using namespace l3link;

extern "C" {

DeviceContextHandle l3link_create_device_context(const char* platform, int device_id, const char* options) {
  return GuardedOpen([&]() -> void* {
    absl::StatusOr<void*> handle = CreateContext(platform, device_id, options);
    return handle.ok() ? *handle : ReportNull(handle.status());
  });
}

void l3link_destroy_device_context(DeviceContextHandle ctx) {
  Guarded([&] {
    DestroyContext(ctx);
    return kDone;
  });
}

const char* l3link_last_error(void) { return LastError(); }

}  // extern "C"
