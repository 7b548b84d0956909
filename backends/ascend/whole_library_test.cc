#include "backends/ascend/whole_library.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/ascend/testing/stand_ins.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kSymbols[] = {"halHostRegister", "halHostUnregister"};

bool IsLoaded(const std::string& place) {
  void* handle = dlopen(place.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (handle != nullptr) dlclose(handle);
  return handle != nullptr;
}

class WholeLibraryTest : public testing::Test {
 protected:
  TempDir dir_;
  StandIns stand_ins_{dir_.path()};
};

// First: the libraries that later tests load stay loaded.
TEST_F(WholeLibraryTest, ClosesALibraryThatLacksASymbol) {
  const std::string place = StandInPath("libincomplete_hal.so");
  absl::StatusOr<WholeLibrary> library = LoadWholeLibrary({place}, kSymbols);
  EXPECT_EQ(library.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(library.status().message(), place + ": lacks halHostUnregister");
  EXPECT_FALSE(IsLoaded(place));
  EXPECT_THAT(stand_ins_.Calls(), ElementsAre("hal loaded", "hal unloaded"));
  EXPECT_EQ(dlsym(RTLD_DEFAULT, "halHostRegister"), nullptr);
}

TEST_F(WholeLibraryTest, GoesOnToTheNextPlaceAndKeepsWhatIsWhole) {
  const std::string whole = StandInPath("libascend_hal.so");
  absl::StatusOr<WholeLibrary> library =
      LoadWholeLibrary({dir_ / "absent.so", StandInPath("libincomplete_hal.so"), whole}, kSymbols);
  ASSERT_TRUE(library.ok()) << library.status();
  EXPECT_EQ(library->place, whole);
  EXPECT_TRUE(IsLoaded(whole));
  EXPECT_THAT(library->symbols, ElementsAre(dlsym(RTLD_DEFAULT, kSymbols[0]), dlsym(RTLD_DEFAULT, kSymbols[1])))
      << "for all to find";
  EXPECT_THAT(stand_ins_.Calls(), ElementsAre("hal loaded", "hal unloaded", "hal loaded"));
}

TEST_F(WholeLibraryTest, FindsALibraryByItsNameOnTheLoadersPath) {
  absl::StatusOr<WholeLibrary> library = LoadWholeLibrary({"libascend_hal.so"}, kSymbols);
  ASSERT_TRUE(library.ok()) << library.status();
  EXPECT_EQ(library->place, "libascend_hal.so");
}

TEST_F(WholeLibraryTest, TellsOfEveryPlaceWhatIsWrongWithIt) {
  WriteFile(dir_ / "text.so", "not a library");
  absl::StatusOr<WholeLibrary> library = LoadWholeLibrary({"libnowhere_hal.so", dir_ / "text.so"}, kSymbols);
  EXPECT_EQ(library.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(library.status().message()),
              AllOf(HasSubstr("libnowhere_hal.so: cannot open shared object file"), HasSubstr(dir_ / "text.so")));
  EXPECT_FALSE(LoadWholeLibrary({}, kSymbols).ok());
}

}  // namespace
}  // namespace l3link
