#include "tests/onboard/chip_thread.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "backends/sim/chip/echo.h"

namespace l3link {
namespace {

uint64_t NowUs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

}  // namespace

ChipThread::ChipThread(uint64_t device_address, uint64_t arena_bytes)
    : thread_([this, device_address, arena_bytes] { Run(reinterpret_cast<void*>(device_address), arena_bytes); }) {}

ChipThread::~ChipThread() {
  __atomic_store_n(&stop_, 1, __ATOMIC_RELAXED);
  thread_.join();
}

void ChipThread::Run(void* arena, uint64_t arena_bytes) {
  l3_platform platform = {};
  platform.now_us = [](void*) { return NowUs(); };
  platform.stop = &stop_;
  const int code = l3_attach(&chip_, arena, arena_bytes, &platform);
  ASSERT_EQ(code, L3_OK) << l3_code_text(code);
  FollowDirectory(chip_.directory_ack);
  while (!l3_stopped(&chip_)) {
    uint64_t version;
    l3_beat(&chip_);
    if (l3_directory_changed(&chip_, &version)) FollowDirectory(version);
    if (!Work()) usleep(50);
  }
  channels_.clear();
  l3_detach(&chip_);
}

void ChipThread::FollowDirectory(uint64_t version) {
  for (auto at = channels_.begin(); at != channels_.end();)
    at = at->second->Refresh() ? std::next(at) : channels_.erase(at);
  for (auto at = regions_.begin(); at != regions_.end();)
    at = l3_region_closed(&at->second.region) ? regions_.erase(at) : std::next(at);
  l3_directory_acknowledge(&chip_, version);
  uint32_t cursor = 0;
  l3_object object;
  while (l3_next_object(&chip_, 0, &cursor, &object) == L3_OK) {
    const uint64_t generation = object.entry.generation;
    l3_channel channel;
    if (object.entry.kind == L3_OBJECT_REGION) {
      Doubler doubler;
      if (regions_.count(generation) == 0 && l3_region_open(&chip_, &object, &doubler.region) == L3_OK)
        regions_.emplace(generation, doubler);
    } else if (channels_.count(generation) == 0 && l3_channel_open(&chip_, &object, &channel) == L3_OK) {
      channels_.emplace(generation,
                        std::make_unique<RespondingChannel>(channel, std::make_unique<Echo>(), &no_faults_));
    }
  }
}

bool ChipThread::Work() {
  bool worked = false;
  for (auto& [generation, channel] : channels_) worked |= channel->Work(NowUs(), true);
  for (auto& [generation, doubler] : regions_) worked |= Double(&doubler);
  return worked;
}

bool ChipThread::Double(Doubler* doubler) {
  uint64_t asked = 0;
  if (l3_signal_load(&doubler->region, 0, &asked) != L3_OK || asked == doubler->done) return false;
  uint64_t* const word = reinterpret_cast<uint64_t*>(doubler->region.data);
  *word *= 2;
  doubler->done = asked;
  return l3_notify(&doubler->region, 1, L3_NOTIFY_SET, asked) == L3_OK;
}

}  // namespace l3link
