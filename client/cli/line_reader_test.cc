#include "client/cli/line_reader.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <vector>

namespace l3link::cli {
namespace {

class LineReaderTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(pipe(ends_), 0); }
  void TearDown() override {
    close(ends_[0]);
    CloseInput();
  }
  void Write(const std::string& text) { ASSERT_EQ(write(ends_[1], text.data(), text.size()), ssize_t(text.size())); }
  void CloseInput() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }

  Interrupt interrupt_;
  std::atomic<bool> stop_{false};
  int ends_[2];
};

TEST_F(LineReaderTest, HandsOutLinesAndALastOneWithoutNewline) {
  LineReader reader(ends_[0], interrupt_, stop_);
  Write("one\n\nthr");
  EXPECT_EQ(**reader.Next(), "one");
  EXPECT_EQ(**reader.Next(), "");
  Write("ee\nfour");
  EXPECT_EQ(**reader.Next(), "three");
  CloseInput();
  EXPECT_EQ(**reader.Next(), "four");
  EXPECT_FALSE(reader.Next()->has_value());
  EXPECT_FALSE(reader.Next()->has_value());
}

TEST_F(LineReaderTest, ManyLinesOfManySizesComeBackWhole) {
  LineReader reader(ends_[0], interrupt_, stop_);
  for (size_t i = 0; i < 2000; ++i) {
    Write(std::string(i % 97, 'x') + "\n");
    if (i % 7 == 6) {
      for (size_t k = i - 6; k <= i; ++k) ASSERT_EQ((*reader.Next())->size(), k % 97);
    }
  }
}

TEST_F(LineReaderTest, StopEndsWaiting) {
  LineReader reader(ends_[0], interrupt_, stop_);
  stop_ = true;
  EXPECT_EQ(reader.Next().status().code(), absl::StatusCode::kCancelled);
}

TEST_F(LineReaderTest, CtrlCEndsWaiting) {
  LineReader reader(ends_[0], interrupt_, stop_);
  kill(getpid(), SIGINT);
  EXPECT_EQ(reader.Next().status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace l3link::cli
