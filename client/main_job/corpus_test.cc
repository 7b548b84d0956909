#include "client/main_job/corpus.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "client/main_job/crc32c.h"

namespace l3link::main_job {
namespace {

TEST(CorpusTest, KeepsEmptyLinesAndALastOneWithoutNewline) {
  const Corpus corpus("one\n\nthree", 100);
  ASSERT_EQ(corpus.lines().size(), 3u);
  EXPECT_EQ(corpus.lines()[0].text, "one");
  EXPECT_EQ(corpus.lines()[1].text, "");
  EXPECT_EQ(corpus.lines()[2].text, "three");
  EXPECT_EQ(corpus.lines()[2].crc, Crc32c("three"));
  EXPECT_EQ(corpus.longest(), 5u);
}

TEST(CorpusTest, CutsLinesAtTheLimit) {
  const Corpus corpus("abcdef\nab\n", 4);
  EXPECT_EQ(corpus.lines()[0].text, "abcd");
  EXPECT_EQ(corpus.lines()[1].text, "ab");
}

TEST(CorpusTest, ReadsFilesOfAFolderInOrderOfName) {
  const std::filesystem::path folder = std::filesystem::path(getenv("TEST_TMPDIR")) / "texts";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "b") << "two\n";
  std::ofstream(folder / "a") << "one";
  const auto corpus = Corpus::Read({folder}, 100);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  ASSERT_EQ((*corpus)->lines().size(), 2u);
  EXPECT_EQ((*corpus)->lines()[0].text, "one");
  EXPECT_EQ((*corpus)->lines()[1].text, "two");
}

TEST(CorpusTest, RefusesWhatIsNotThereOrEmpty) {
  EXPECT_EQ(Corpus::Read({"/nowhere/at/all"}, 100).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Corpus::Read({"/dev/null"}, 100).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace l3link::main_job
