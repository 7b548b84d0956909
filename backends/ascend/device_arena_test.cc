#include "backends/ascend/device_arena.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "backends/ascend/ascend_loader.h"
#include "backends/ascend/current_device.h"
#include "backends/ascend/testing/stand_ins.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

using testing::HasSubstr;
using Calls = std::vector<std::string>;

constexpr uint64_t kBytes = 8192;
const char kSet[] = "aclrtSetDevice 1";
const char kMalloc[] = "aclrtMalloc 8192";
const char kRegister[] = "halHostRegister 8192 on 1";
const char kUnregister[] = "halHostUnregister 8192 on 1";
const char kFree[] = "aclrtFree 8192";

class DeviceArenaTest : public testing::Test {
 protected:
  DeviceArenaTest() : api_(*loader_.Load(StandInOptions()).value()) {
    EXPECT_EQ(api_.set_device(0), 0);  // the host program's
    stand_ins_.Calls();
  }

  // The calls since the last time, without those that give the thread its own device back.
  Calls CallsForTheArena() {
    Calls calls = stand_ins_.Calls();
    calls.erase(std::remove(calls.begin(), calls.end(), "aclrtSetDevice 0"), calls.end());
    return calls;
  }
  int Current() {
    int32_t device = -1;
    return api_.get_device(&device) == 0 ? device : -1;
  }

  TempDir dir_;
  StandIns stand_ins_{dir_.path()};
  AscendLoader loader_;
  const AscendApi& api_;
};

TEST_F(DeviceArenaTest, IsOneMemoryAtTwoAddresses) {
  std::unique_ptr<DeviceArena> arena = DeviceArena::Make(api_, 1, kBytes).value();
  ASSERT_EQ(arena->memory().size(), kBytes);
  auto* const device_side = reinterpret_cast<std::byte*>(arena->device_address());
  ASSERT_NE(device_side, arena->memory().data());
  arena->memory()[kBytes - 1] = std::byte{7};
  EXPECT_EQ(device_side[kBytes - 1], std::byte{7});
  EXPECT_EQ(CallsForTheArena(), (Calls{kSet, kMalloc, kRegister}));
  EXPECT_EQ(Current(), 0) << "the thread is another's guest";
  arena.reset();
  EXPECT_EQ(CallsForTheArena(), (Calls{kUnregister, kSet, kFree}));
  EXPECT_EQ(Current(), 0);
}

TEST_F(DeviceArenaTest, ZeroesExactlyWhatItIsTold) {
  std::unique_ptr<DeviceArena> arena = DeviceArena::Make(api_, 1, kBytes).value();
  ASSERT_EQ(arena->memory()[4096], std::byte{0xa5}) << "what somebody left";
  arena->Zero(4096, 4096);
  EXPECT_EQ(arena->memory()[4095], std::byte{0xa5});
  EXPECT_TRUE(std::all_of(arena->memory().begin() + 4096, arena->memory().end(),
                          [](std::byte byte) { return byte == std::byte{0}; }));
}

// Whatever fails, in making, in giving back, or in both: what was had is given back once, in the opposite order.
TEST_F(DeviceArenaTest, EveryFailureUnwindsFully) {
  const struct {
    const char* fail;
    absl::StatusCode code;
    Calls calls;
  } rows[] = {
      {"", absl::StatusCode::kOk, {kSet, kMalloc, kRegister, kUnregister, kSet, kFree}},
      {"aclrtSetDevice=107001", absl::StatusCode::kUnavailable, {kSet}},
      {"aclrtMalloc=207001", absl::StatusCode::kResourceExhausted, {kSet, kMalloc}},
      {"aclrtMalloc=507899", absl::StatusCode::kUnavailable, {kSet, kMalloc}},
      {"aclrtMalloc=0", absl::StatusCode::kUnavailable, {kSet, kMalloc}},  // done, it says, and gives nothing
      {"halHostRegister=8", absl::StatusCode::kUnavailable, {kSet, kMalloc, kRegister, kSet, kFree}},
      {"halHostRegister=0", absl::StatusCode::kUnavailable, {kSet, kMalloc, kRegister, kSet, kFree}},
      {"halHostRegister=8,aclrtFree=9", absl::StatusCode::kUnavailable, {kSet, kMalloc, kRegister, kSet, kFree}},
      {"halHostUnregister=8", absl::StatusCode::kOk, {kSet, kMalloc, kRegister, kUnregister, kSet, kFree}},
      {"aclrtFree=9", absl::StatusCode::kOk, {kSet, kMalloc, kRegister, kUnregister, kSet, kFree}},
      {"halHostUnregister=8,aclrtFree=9", absl::StatusCode::kOk, {kSet, kMalloc, kRegister, kUnregister, kSet, kFree}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.fail);
    stand_ins_.Fail(row.fail);
    const absl::Status status = DeviceArena::Make(api_, 1, kBytes).status();
    stand_ins_.Fail("");
    EXPECT_EQ(status.code(), row.code) << status;
    EXPECT_EQ(CallsForTheArena(), row.calls);
    EXPECT_EQ(Current(), 0);
  }
}

TEST_F(DeviceArenaTest, FreesWhereTheDeviceCannotBeMadeCurrentAnyMore) {
  std::unique_ptr<DeviceArena> arena = DeviceArena::Make(api_, 1, kBytes).value();
  CallsForTheArena();
  stand_ins_.Fail("aclrtSetDevice=107001,halHostUnregister=8");
  arena.reset();
  EXPECT_EQ(CallsForTheArena(), (Calls{kUnregister, kSet, kFree}));
}

TEST_F(DeviceArenaTest, SaysWhichCallFailedOnWhichDevice) {
  stand_ins_.Fail("halHostRegister=8");
  EXPECT_THAT(std::string(DeviceArena::Make(api_, 1, kBytes).status().message()),
              HasSubstr("device 1: halHostRegister of 8192 bytes failed with 8"));
  stand_ins_.Fail("");
  EXPECT_THAT(std::string(DeviceArena::Make(api_, 7, kBytes).status().message()),
              HasSubstr("device 7: aclrtSetDevice failed with 107001"));
}

// Two addresses that the test makes up: nothing touches them.
TEST_F(DeviceArenaTest, RefusesMemoryThatIsNotAlignedAndGivesItBack) {
  static int given_back;
  given_back = 0;
  AscendApi api;
  api.get_device = [](int32_t* device) { return *device = 1, 0; };
  api.set_device = [](int32_t) { return 0; };
  api.malloc = [](void** memory, size_t, int) { return *memory = reinterpret_cast<void*>(0x10000), 0; };
  api.free = [](void* memory) { return given_back += memory == reinterpret_cast<void*>(0x10000), 0; };
  api.host_register = [](void*, size_t, unsigned, int, void** host) {
    return *host = reinterpret_cast<void*>(0x20040), 0;
  };
  api.host_unregister = [](void* host, int) { return given_back += host == reinterpret_cast<void*>(0x20040), 0; };
  EXPECT_THAT(std::string(DeviceArena::Make(api, 1, kBytes).status().message()), HasSubstr("0x20040, is not aligned"));
  EXPECT_EQ(given_back, 2);
}

}  // namespace
}  // namespace l3link
