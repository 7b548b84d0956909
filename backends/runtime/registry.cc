#include "backends/runtime/registry.h"

#include <utility>

namespace l3link {

Registry& Registry::Get() {
  static Registry& registry = *new Registry();
  return registry;
}

void* Registry::AddContext(std::shared_ptr<DeviceContext> context) {
  std::lock_guard<std::mutex> lock(mutex_);
  return contexts_.Add(std::move(context));
}

std::shared_ptr<DeviceContext> Registry::FindContextLocked(void* ctx) const {
  const std::shared_ptr<DeviceContext>* found = contexts_.Find(ctx);
  return found == nullptr ? nullptr : *found;
}

std::shared_ptr<DeviceContext> Registry::FindContext(void* ctx) {
  std::lock_guard<std::mutex> lock(mutex_);
  return FindContextLocked(ctx);
}

std::vector<void*> Registry::Contexts() {
  std::lock_guard<std::mutex> lock(mutex_);
  return contexts_.Tokens();
}

std::shared_ptr<DeviceContext> Registry::RemoveContext(void* ctx) {
  std::lock_guard<std::mutex> lock(mutex_);
  absl::optional<std::shared_ptr<DeviceContext>> context = contexts_.Remove(ctx);
  if (!context.has_value()) return nullptr;
  channels_.RemoveIf([ctx](const Entry<HostChannel>& entry) { return entry.ctx == ctx; });
  memories_.RemoveIf([ctx](const Entry<HostRegion>& entry) { return entry.ctx == ctx; });
  return *std::move(context);
}

void* Registry::AddChannel(void* ctx, std::shared_ptr<HostChannel> channel, bool owner) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (FindContextLocked(ctx) == nullptr) return nullptr;
  return channels_.Add({ctx, std::move(channel), owner});
}

void* Registry::AddMemory(void* ctx, std::shared_ptr<HostRegion> region, bool owner) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (FindContextLocked(ctx) == nullptr) return nullptr;
  return memories_.Add({ctx, std::move(region), owner});
}

}  // namespace l3link
