#include "backends/ascend/ascend_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "backends/ascend/testing/stand_ins.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kThreads = 8;

class AscendLoaderTest : public testing::Test {
 protected:
  std::string Words(const AscendOptions& options) { return std::string(loader_.Load(options).status().message()); }

  TempDir dir_;
  StandIns stand_ins_{dir_.path()};
  AscendLoader loader_;
};

TEST_F(AscendLoaderTest, HandsOutOneWholeApi) {
  absl::StatusOr<const AscendApi*> api = loader_.Load(StandInOptions());
  ASSERT_TRUE(api.ok()) << api.status();
  for (const void* function :
       {reinterpret_cast<void*>((*api)->host_register), reinterpret_cast<void*>((*api)->host_unregister),
        reinterpret_cast<void*>((*api)->acl_init), reinterpret_cast<void*>((*api)->get_device),
        reinterpret_cast<void*>((*api)->set_device), reinterpret_cast<void*>((*api)->malloc),
        reinterpret_cast<void*>((*api)->free)}) {
    EXPECT_NE(function, nullptr);
  }
  EXPECT_EQ((*api)->hal_place, StandInPath("libascend_hal.so"));
  EXPECT_EQ(loader_.Load({}).value(), *api);
  const std::vector<std::string> calls = stand_ins_.Calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "aclInit "), 1);
}

TEST_F(AscendLoaderTest, FindsBothByName) {
  absl::StatusOr<const AscendApi*> api = loader_.Load({});
  ASSERT_TRUE(api.ok()) << api.status();
  EXPECT_EQ((*api)->hal_place, "libascend_hal.so");
  EXPECT_EQ((*api)->acl_place, "libascendcl.so");
}

TEST_F(AscendLoaderTest, MissingLibrariesAreNamedWithThePlacesAndTheRemedy) {
  AscendOptions options = StandInOptions();
  options.hal_library = "/nowhere/libascend_hal.so";
  EXPECT_THAT(Words(options), AllOf(HasSubstr("no usable libascend_hal.so"), HasSubstr("/nowhere/libascend_hal.so"),
                                    HasSubstr("LD_LIBRARY_PATH"), HasSubstr("--ascend-hal FILE")));
  options = StandInOptions();
  options.acl_library = "libnowhere_acl.so";
  EXPECT_THAT(Words(options),
              AllOf(HasSubstr("no usable libascendcl.so"), HasSubstr("libnowhere_acl.so"), HasSubstr("--ascend-acl")));
  options.acl_library = StandInPath("libascend_hal.so");
  EXPECT_THAT(Words(options), HasSubstr("lacks aclInit"));
}

TEST_F(AscendLoaderTest, WhatFailedIsTriedAgain) {
  AscendOptions options = StandInOptions();
  options.hal_library = StandInPath("libincomplete_hal.so");
  EXPECT_EQ(loader_.Load(options).status().code(), absl::StatusCode::kNotFound);
  stand_ins_.Fail("aclInit=507008");
  const absl::Status status = loader_.Load(StandInOptions()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("aclInit"), HasSubstr("507008")));
  stand_ins_.Fail("");
  EXPECT_TRUE(loader_.Load(StandInOptions()).ok());
}

TEST_F(AscendLoaderTest, ARuntimeThatTheProgramHasInitialisedIsFine) {
  stand_ins_.Fail("aclInit=100002");
  EXPECT_TRUE(loader_.Load(StandInOptions()).ok());
}

TEST_F(AscendLoaderTest, OtherFilesThanThoseLoadedAreRefused) {
  ASSERT_TRUE(loader_.Load(StandInOptions()).ok());
  const absl::Status status = loader_.Load({"/other/libascend_hal.so", ""}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/other/libascend_hal.so cannot be used"));
  EXPECT_EQ(loader_.Load({"", "/other/libascendcl.so"}).status().code(), absl::StatusCode::kFailedPrecondition);
}

// Calls `call` with 0 to 7 on so many threads, as near to at once as can be.
template <typename Call>
void OnEightThreads(Call call) {
  std::atomic<int> arrived{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      ++arrived;
      while (arrived.load() < kThreads) std::this_thread::yield();
      call(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Whoever gets the functions before the initialisation is over would call into a runtime that is not there.
TEST_F(AscendLoaderTest, EightThreadsInitialiseASlowLibraryOnce) {
  stand_ins_.Slow(100);
  std::vector<const AscendApi*> got(kThreads, nullptr);
  std::vector<int> answers(kThreads, -1);
  OnEightThreads([&](int i) {
    absl::StatusOr<const AscendApi*> api = loader_.Load(StandInOptions());
    if (!api.ok()) return;
    got[i] = *api;
    answers[i] = (*api)->set_device(0);
  });
  EXPECT_THAT(std::set<const AscendApi*>(got.begin(), got.end()), ElementsAre(testing::NotNull()));
  EXPECT_THAT(answers, testing::Each(0));
  const std::vector<std::string> calls = stand_ins_.Calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "aclInit "), 1);
}

TEST_F(AscendLoaderTest, EightThreadsAreAllToldOfASlowFailureAndNoneGetsHalf) {
  stand_ins_.Slow(10);
  stand_ins_.Fail("aclInit=507008");
  std::vector<absl::StatusCode> codes(kThreads);
  OnEightThreads([&](int i) { codes[i] = loader_.Load(StandInOptions()).status().code(); });
  EXPECT_THAT(codes, testing::Each(absl::StatusCode::kUnavailable));
  stand_ins_.Fail("");
  OnEightThreads([&](int i) { codes[i] = loader_.Load(StandInOptions()).status().code(); });
  EXPECT_THAT(codes, testing::Each(absl::StatusCode::kOk));
}

}  // namespace
}  // namespace l3link
