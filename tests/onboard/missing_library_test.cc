// Without the vendor's libraries: whoever asks for an a2a3 is told which one is missing, where it was looked for, and what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "backends/ascend/testing/stand_ins.h"
#include "tests/runtime/runtime_fixture.h"

namespace l3link {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string WordsOfAnOpen(const std::string& options) {
  TestContext ctx(options.c_str(), "a2a3");
  const HostDeviceChannelConfig config = {1, 1, 8, 64, 0};
  errno = 0;
  EXPECT_EQ(open_host_device_channel_ctx(ctx, &config), nullptr);
  EXPECT_EQ(errno, ENOTSUP);
  return l3link_last_error();
}

TEST(MissingLibraryTest, TheUsualPlacesAreNamed) {
  EXPECT_THAT(WordsOfAnOpen(""), AllOf(HasSubstr("not supported on a2a3"), HasSubstr("no usable libascend_hal.so"),
                                       HasSubstr("/usr/local/Ascend/driver/lib64"), HasSubstr("LD_LIBRARY_PATH")));
}

TEST(MissingLibraryTest, AskedForByPathTheFileIsNamed) {
  EXPECT_THAT(WordsOfAnOpen("ascend_hal=/nowhere/hal.so"),
              AllOf(HasSubstr("/nowhere/hal.so: cannot open"), HasSubstr("context option ascend_hal=FILE")));
}

TEST(MissingLibraryTest, OneThatLacksASymbolIsNoSuchLibrary) {
  EXPECT_THAT(WordsOfAnOpen("ascend_hal=" + StandInPath("libincomplete_hal.so")),
              HasSubstr("libincomplete_hal.so: lacks halHostUnregister"));
}

TEST(MissingLibraryTest, TheToolkitIsAskedForWhenTheDriverIsThere) {
  EXPECT_THAT(WordsOfAnOpen("ascend_hal=" + StandInPath("libascend_hal.so") + ",ascend_acl=/nowhere/acl.so"),
              AllOf(HasSubstr("no usable libascendcl.so"), HasSubstr("/nowhere/acl.so"), HasSubstr("set_env.sh")));
}

}  // namespace
}  // namespace l3link
