#include "backends/sim/arena_file.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "backends/host/refusal.h"
#include "backends/state/private_folder.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

constexpr uint64_t kPage = 4096;

uint64_t BlocksOf(const std::string& path) {
  struct stat found = {};
  stat(path.c_str(), &found);
  return static_cast<uint64_t>(found.st_blocks) * 512;
}

TEST(ArenaFileTest, IsSparseAndPrivateAndTakesSpaceAsItIsCommitted) {
  TempDir dir;
  absl::StatusOr<std::unique_ptr<ArenaFile>> file = ArenaFile::Create(dir / "arena", uint64_t{8} << 30);
  ASSERT_TRUE(file.ok()) << file.status();
  struct stat found = {};
  ASSERT_EQ(stat((dir / "arena").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600u);
  EXPECT_EQ(BlocksOf(dir / "arena"), 0u);
  ASSERT_TRUE((*file)->Commit(kPage, 2 * kPage).ok());
  EXPECT_EQ(BlocksOf(dir / "arena"), 2 * kPage);
  (*file)->memory()[kPage] = std::byte{7};
  (*file)->Decommit(kPage, 2 * kPage);
  EXPECT_EQ(BlocksOf(dir / "arena"), 0u);
  EXPECT_EQ((*file)->memory()[kPage], std::byte{0});
  EXPECT_EQ((*file)->Fault(), "");
  file->reset();
  EXPECT_NE(access((dir / "arena").c_str(), F_OK), 0) << "removed with its owner";
}

TEST(ArenaFileTest, CommittedMemoryIsZeroThoughTheChipWroteThereBefore) {
  TempDir dir;
  absl::StatusOr<std::unique_ptr<ArenaFile>> file = ArenaFile::Create(dir / "arena", 16 * kPage);
  ASSERT_TRUE(file.ok()) << file.status();
  (*file)->memory()[5 * kPage] = std::byte{7};
  ASSERT_TRUE((*file)->Commit(4 * kPage, 4 * kPage).ok());
  EXPECT_EQ((*file)->memory()[5 * kPage], std::byte{0});
}

TEST(ArenaFileTest, ReplacesAnOlderFile) {
  TempDir dir;
  WriteFile(dir / "arena", "old");
  absl::StatusOr<std::unique_ptr<ArenaFile>> file = ArenaFile::Create(dir / "arena", 16 * kPage);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->memory()[0], std::byte{0});
}

TEST(ArenaFileTest, RefusesLinksAndFolders) {
  TempDir dir;
  WriteFile(dir / "victim", "precious");
  ASSERT_EQ(symlink((dir / "victim").c_str(), (dir / "symbolic").c_str()), 0);
  ASSERT_EQ(link((dir / "victim").c_str(), (dir / "hard").c_str()), 0);
  ASSERT_EQ(mkdir((dir / "folder").c_str(), 0700), 0);
  for (const char* name : {"symbolic", "hard", "folder"}) {
    const absl::Status status = ArenaFile::Create(dir / name, kPage).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
    EXPECT_NE(status.message().find(dir / name), std::string::npos) << status;
  }
  EXPECT_EQ(ReadFileOrEmpty(dir / "victim"), "precious");
}

TEST(ArenaFileTest, RefusesFoldersThatOthersMayWriteOrThatAreLinks) {
  TempDir dir;
  EXPECT_TRUE(MakePrivateFolder(dir / "a/b/c").ok());
  EXPECT_TRUE(MakePrivateFolder(dir / "a/b/c").ok()) << "it may be there already";
  ASSERT_EQ(chmod((dir / "a/b").c_str(), 0777), 0);
  EXPECT_EQ(MakePrivateFolder(dir / "a/b").code(), absl::StatusCode::kPermissionDenied);
  ASSERT_EQ(symlink((dir / "a").c_str(), (dir / "link").c_str()), 0);
  EXPECT_EQ(MakePrivateFolder(dir / "link").code(), absl::StatusCode::kPermissionDenied);
}

TEST(ArenaFileTest, AFullFileSystemIsARefusalThatNamesWhatIsNeeded) {
  TempDir dir;
  ASSERT_EQ(mkdir((dir / "small").c_str(), 0700), 0);
  if (mount("tmpfs", (dir / "small").c_str(), "tmpfs", 0, "size=64k") != 0) GTEST_SKIP() << "may not mount here";
  {
    absl::StatusOr<std::unique_ptr<ArenaFile>> file = ArenaFile::Create(dir / "small/arena", 1 << 20);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE((*file)->Commit(0, 4 * kPage).ok());
    const absl::Status status = (*file)->Commit(4 * kPage, 64 * kPage);
    EXPECT_TRUE(IsRefusal(status, Reason::kSTATE_SPACE_FULL)) << status;
    EXPECT_EQ(RefusalOf(status)->metadata[1].second, "262144");
    EXPECT_TRUE((*file)->Commit(4 * kPage, 4 * kPage).ok()) << "nothing was lost by the try";
  }
  umount((dir / "small").c_str());
}

TEST(ArenaFileTest, ATruncatedFileBecomesZeroPagesAndAFlag) {
  TempDir dir;
  absl::StatusOr<std::unique_ptr<ArenaFile>> file = ArenaFile::Create(dir / "arena", 16 * kPage);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE((*file)->Commit(0, 16 * kPage).ok());
  std::memset((*file)->memory().data(), 1, 16 * kPage);
  ASSERT_EQ(truncate((dir / "arena").c_str(), 2 * kPage), 0);
  EXPECT_FALSE((*file)->fault_flag()->load());
  EXPECT_NE((*file)->Fault(), "");
  const volatile std::byte* touched = &(*file)->memory()[8 * kPage];
  const std::byte value = *touched;
  EXPECT_EQ(value, std::byte{0}) << "no SIGBUS";
  EXPECT_TRUE((*file)->fault_flag()->load());
}

TEST(ArenaFileTest, ARemovedFileIsNoticed) {
  TempDir dir;
  absl::StatusOr<std::unique_ptr<ArenaFile>> file = ArenaFile::Create(dir / "arena", 16 * kPage);
  ASSERT_TRUE(file.ok()) << file.status();
  unlink((dir / "arena").c_str());
  EXPECT_NE((*file)->Fault().find("was removed"), std::string::npos);
}

}  // namespace
}  // namespace l3link
