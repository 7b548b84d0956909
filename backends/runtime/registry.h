// Every handle of this process: contexts, and the channels and regions that were opened in them.
//
// One object a process, never destroyed: calls may be on their way when the process ends. Any thread; its lock is a leaf, held
// for a look-up.
#ifndef L3LINK_BACKENDS_RUNTIME_REGISTRY_H_
#define L3LINK_BACKENDS_RUNTIME_REGISTRY_H_

#include <memory>
#include <mutex>
#include <vector>

#include "absl/types/optional.h"
#include "backends/runtime/device_context.h"
#include "backends/runtime/handle_table.h"

namespace l3link {

// An object as a caller holds it, with its context, which lives as long as this does.
template <typename Object>
struct Held {
  std::shared_ptr<DeviceContext> context;
  std::shared_ptr<Object> object;
  bool owner = true;  // closing the handle closes the object

  explicit operator bool() const { return object != nullptr; }
};
using HeldChannel = Held<HostChannel>;
using HeldMemory = Held<HostRegion>;

class Registry {
 public:
  static Registry& Get();

  void* AddContext(std::shared_ptr<DeviceContext> context);
  // nullptr: stale, or no handle of a context.
  std::shared_ptr<DeviceContext> FindContext(void* ctx);
  std::vector<void*> Contexts();
  // Also forgets what is open in it.
  std::shared_ptr<DeviceContext> RemoveContext(void* ctx);

  // nullptr: the context is gone by now, or there is no room.
  void* AddChannel(void* ctx, std::shared_ptr<HostChannel> channel, bool owner);
  void* AddMemory(void* ctx, std::shared_ptr<HostRegion> region, bool owner);
  // Empty: stale, of another context, or no such handle.
  HeldChannel FindChannel(void* ctx, void* ch) { return Find(channels_, ctx, ch); }
  HeldMemory FindMemory(void* ctx, void* mem) { return Find(memories_, ctx, mem); }
  HeldChannel RemoveChannel(void* ctx, void* ch) { return Remove(channels_, ctx, ch); }
  HeldMemory RemoveMemory(void* ctx, void* mem) { return Remove(memories_, ctx, mem); }

 private:
  // What the tables have of an object: its context by token, so that it does not keep it alive.
  template <typename Object>
  struct Entry {
    void* ctx;
    std::shared_ptr<Object> object;
    bool owner;
  };

  Registry() = default;
  std::shared_ptr<DeviceContext> FindContextLocked(void* ctx) const;

  template <typename Object>
  Held<Object> FindLocked(const HandleTable<Entry<Object>>& table, void* ctx, void* token) const {
    const Entry<Object>* entry = table.Find(token);
    if (entry == nullptr || entry->ctx != ctx) return {};
    return {FindContextLocked(ctx), entry->object, entry->owner};
  }
  template <typename Object>
  Held<Object> Find(const HandleTable<Entry<Object>>& table, void* ctx, void* token) {
    std::lock_guard<std::mutex> lock(mutex_);
    return FindLocked(table, ctx, token);
  }
  template <typename Object>
  Held<Object> Remove(HandleTable<Entry<Object>>& table, void* ctx, void* token) {
    std::lock_guard<std::mutex> lock(mutex_);
    Held<Object> held = FindLocked(table, ctx, token);
    if (held) table.Remove(token);
    return held;
  }

  // Of the standard library: ThreadSanitizer knows it. Held around all below.
  std::mutex mutex_;
  HandleTable<std::shared_ptr<DeviceContext>> contexts_{HandleKind::kContext};
  HandleTable<Entry<HostChannel>> channels_{HandleKind::kChannel};
  HandleTable<Entry<HostRegion>> memories_{HandleKind::kMemory};
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_RUNTIME_REGISTRY_H_
