// The context calls of runtime_c_api.h.
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "backends/runtime/argument_checks.h"
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

// False: there is no such context. Waits at most so long for those who are in the middle of a call.
bool DestroyContext(DeviceContextHandle ctx, absl::Duration patience) {
  std::shared_ptr<DeviceContext> context = Registry::Get().RemoveContext(ctx);
  if (context == nullptr) return false;
  const std::shared_ptr<absl::Notification> ended = std::get_deleter<EndOfContext>(context)->ended;
  context->calls().CloseEverything();  // whoever waits in it leaves
  context.reset();
  ended->WaitForNotificationWithTimeout(patience);
  return true;
}

// A program that ends without destroying its contexts leaves no chip process and no folder behind. A forked child ends none:
// they are its parent's, and a lock may have been held by a thread that the child does not have.
pid_t first_creator = 0;

void DestroyAll() {
  if (getpid() != first_creator) return;
  for (void* ctx : Registry::Get().Contexts()) DestroyContext(ctx, absl::Seconds(5));
}

void DestroyAllAtExit() {
  static const bool registered = (first_creator = getpid(), std::atexit(DestroyAll) == 0);
  (void)registered;
}

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
  DestroyAllAtExit();
  return handle;
}

int ArenaInfo(void* ctx, L3LinkArenaInfo* info) {
  if (info == nullptr) return Report(NullPointer("info"));
  const std::shared_ptr<DeviceContext> context = Registry::Get().FindContext(ctx);
  if (context == nullptr) return Report(StaleHandle("ctx"));
  const absl::Status supported = context->chip().CheckSupported();
  if (!supported.ok()) return Report(supported);
  *info = {context->chip().traits().device_base, context->chip().kept_state().arena().size()};
  return kDone;
}

}  // namespace
}  // namespace l3link

using namespace l3link;

extern "C" {

DeviceContextHandle l3link_create_device_context(const char* platform, int device_id, const char* options) {
  return GuardedOpen([&] { return CreateContext(platform, device_id, options); });
}

void l3link_destroy_device_context(DeviceContextHandle ctx) {
  Guarded([&] {
    if (ctx != nullptr && !DestroyContext(ctx, absl::InfiniteDuration())) {
      SetLastError("ctx: a stale handle, or none of a context");
    }
    return kDone;
  });
}

int l3link_arena_info(DeviceContextHandle ctx, L3LinkArenaInfo* info) {
  return Guarded([&] { return ArenaInfo(ctx, info); });
}

const char* l3link_last_error(void) { return LastError(); }

}  // extern "C"
