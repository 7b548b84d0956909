#include "backends/find_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

using testing::HasSubstr;

constexpr ProgramPlaces kPlaces = {"l3link-probe", "part/of", "L3LINK_PROBE", "--probe or L3LINK_PROBE"};

class FindProgramTest : public testing::Test {
 protected:
  FindProgramTest() {
    unsetenv("L3LINK_PROBE");
    setenv("PATH", "/nowhere", 1);
  }
  std::string Program(const std::string& folder) {
    std::filesystem::create_directories(dir_ / folder);
    const std::string path = dir_ / folder + "/l3link-probe";
    WriteFile(path, "#!/bin/sh\n");
    chmod(path.c_str(), 0700);
    return path;
  }
  std::string Library(const std::string& folder) {
    std::filesystem::create_directories(dir_ / folder);
    WriteFile(dir_ / folder + "/library.so", "");
    return dir_ / folder + "/library.so";
  }

  TempDir dir_;
};

TEST_F(FindProgramTest, LooksBesideTheLibraryThenInTheBinOfItsPrefixThenInItsBuildTree) {
  const std::string library = Library("prefix/lib");
  const std::string built = Program("prefix/part/of");
  EXPECT_EQ(FindProgram(kPlaces, "", library).value(), built);
  const std::string installed = Program("prefix/bin");
  EXPECT_EQ(FindProgram(kPlaces, "", library).value(), installed);
  const std::string beside = Program("prefix/lib");
  EXPECT_EQ(FindProgram(kPlaces, "", library).value(), beside);
}

TEST_F(FindProgramTest, FollowsALinkToTheLibrary) {
  const std::string installed = Program("prefix/bin");
  const std::string library = Library("prefix/lib");
  std::filesystem::create_directories(dir_ / "elsewhere/lib");
  std::filesystem::create_symlink(library, dir_ / "elsewhere/lib/link.so");
  EXPECT_EQ(FindProgram(kPlaces, "", dir_ / "elsewhere/lib/link.so").value(), installed);
}

TEST_F(FindProgramTest, LooksOnPathLast) {
  const std::string library = Library("lib");
  const std::string on_path = Program("tools");
  setenv("PATH", (dir_ / "empty:" + (dir_ / "tools")).c_str(), 1);
  EXPECT_EQ(FindProgram(kPlaces, "", library).value(), on_path);
  const std::string installed = Program("bin");
  EXPECT_EQ(FindProgram(kPlaces, "", library).value(), installed);
}

TEST_F(FindProgramTest, TheVariableWinsAndTheArgumentWinsOverIt) {
  const std::string library = Library("lib");
  Program("bin");
  const std::string named = Program("named");
  setenv("L3LINK_PROBE", named.c_str(), 1);
  EXPECT_EQ(FindProgram(kPlaces, "", library).value(), named);
  const std::string asked = Program("asked");
  EXPECT_EQ(FindProgram(kPlaces, asked, library).value(), asked);
}

TEST_F(FindProgramTest, WhatWasNamedIsNeverReplaced) {
  Program("bin");
  const absl::Status asked = FindProgram(kPlaces, "/nowhere/probe", Library("lib")).status();
  EXPECT_TRUE(absl::IsNotFound(asked));
  EXPECT_THAT(std::string(asked.message()), HasSubstr("/nowhere/probe (asked for) is not a program"));
  setenv("L3LINK_PROBE", "/nowhere/else", 1);
  const absl::Status variable = FindProgram(kPlaces, "", Library("lib")).status();
  EXPECT_THAT(std::string(variable.message()), HasSubstr("/nowhere/else (L3LINK_PROBE) is not a program"));
}

TEST_F(FindProgramTest, SaysWhereItLookedAndHowToNameIt) {
  const std::string library = Library("lib");
  const absl::Status status = FindProgram(kPlaces, "", library).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr(dir_ / "lib/l3link-probe, "));
  EXPECT_THAT(std::string(status.message()), HasSubstr(dir_ / "bin/l3link-probe, "));
  EXPECT_THAT(std::string(status.message()), HasSubstr("; name it by --probe or L3LINK_PROBE"));
}

TEST_F(FindProgramTest, AFileThatIsNoProgramIsPassedOver) {
  const std::string library = Library("lib");
  const std::string installed = Program("bin");
  WriteFile(dir_ / "lib/l3link-probe", "not to be run");
  EXPECT_EQ(FindProgram(kPlaces, "", library).value(), installed);
}

}  // namespace
}  // namespace l3link
