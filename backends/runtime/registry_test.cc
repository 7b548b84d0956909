#include "backends/runtime/registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace l3link {
namespace {

// Pointers that count and are never followed: the registry knows what it holds by its handles alone.
template <typename Object>
std::shared_ptr<Object> Token() {
  static int memory;
  auto* const object = reinterpret_cast<Object*>(&memory);
  return std::shared_ptr<Object>(object, [](Object*) {});
}

TEST(RegistryTest, AnObjectIsFoundWithItsOwnContextOnly) {
  Registry& registry = Registry::Get();
  void* mine = registry.AddContext(Token<DeviceContext>());
  void* other = registry.AddContext(Token<DeviceContext>());
  void* channel = registry.AddChannel(mine, Token<HostChannel>(), true);
  EXPECT_TRUE(registry.FindChannel(mine, channel));
  EXPECT_FALSE(registry.FindChannel(other, channel));
  EXPECT_FALSE(registry.FindMemory(mine, channel));
  EXPECT_FALSE(registry.RemoveChannel(other, channel));
  EXPECT_TRUE(registry.RemoveChannel(mine, channel));
  EXPECT_FALSE(registry.RemoveChannel(mine, channel));
  registry.RemoveContext(mine);
  registry.RemoveContext(other);
}

TEST(RegistryTest, AContextTakesItsObjectsWithItAndGetsNoMore) {
  Registry& registry = Registry::Get();
  void* ctx = registry.AddContext(Token<DeviceContext>());
  void* channel = registry.AddChannel(ctx, Token<HostChannel>(), true);
  void* memory = registry.AddMemory(ctx, Token<HostRegion>(), false);
  EXPECT_FALSE(registry.FindMemory(ctx, memory).owner);
  EXPECT_NE(registry.RemoveContext(ctx), nullptr);
  EXPECT_EQ(registry.RemoveContext(ctx), nullptr);
  EXPECT_FALSE(registry.FindChannel(ctx, channel));
  EXPECT_FALSE(registry.FindMemory(ctx, memory));
  EXPECT_EQ(registry.AddChannel(ctx, Token<HostChannel>(), true), nullptr);
  EXPECT_EQ(registry.AddMemory(ctx, Token<HostRegion>(), true), nullptr);
}

TEST(RegistryTest, TheLastUserOfAContextIsWhoeverLeavesLast) {
  Registry& registry = Registry::Get();
  bool ended = false;
  static int memory;
  void* ctx = registry.AddContext(
      std::shared_ptr<DeviceContext>(reinterpret_cast<DeviceContext*>(&memory), [&](DeviceContext*) { ended = true; }));
  void* channel = registry.AddChannel(ctx, Token<HostChannel>(), true);
  {
    const HeldChannel held = registry.FindChannel(ctx, channel);
    registry.RemoveContext(ctx);
    EXPECT_FALSE(ended);
  }
  EXPECT_TRUE(ended);
}

TEST(RegistryTest, EightThreadsAddFindAndRemoveWhileContextsComeAndGo) {
  Registry& registry = Registry::Get();
  std::atomic<void*> ctx = registry.AddContext(Token<DeviceContext>());
  std::atomic<int> running{8};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        void* const now = ctx;
        void* const channel = registry.AddChannel(now, Token<HostChannel>(), true);
        if (channel != nullptr && registry.FindChannel(now, channel)) registry.RemoveChannel(now, channel);
        EXPECT_FALSE(registry.FindChannel(now, channel));
      }
      --running;
    });
  }
  while (running > 0) {
    void* const next = registry.AddContext(Token<DeviceContext>());
    registry.RemoveContext(ctx.exchange(next));
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(registry.Contexts(), std::vector<void*>{ctx});
  registry.RemoveContext(ctx);
}

}  // namespace
}  // namespace l3link
