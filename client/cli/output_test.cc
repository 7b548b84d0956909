#include "client/cli/output.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <functional>

namespace l3link::cli {
namespace {

std::string Written(Format format, const std::function<void(Output&)>& write) {
  std::FILE* file = tmpfile();
  Output output(format, file);
  write(output);
  rewind(file);
  std::string text(4096, '\0');
  text.resize(fread(text.data(), 1, text.size(), file));
  fclose(file);
  return text;
}

const Json kTwo = Json::parse(R"([{"name":"a"},{"name":"b"}])");
const Rendering kTwoRendering = {"NAME\na\nb\n", "a\nb\n"};

TEST(OutputTest, ShowsAListInEachFormat) {
  const auto show = [](Output& output) { output.ShowList("things", kTwo, kTwoRendering); };
  EXPECT_EQ(Written(Format::kTable, show), "NAME\na\nb\n");
  EXPECT_EQ(Written(Format::kRaw, show), "a\nb\n");
  EXPECT_EQ(Written(Format::kJsonLines, show), "{\"name\":\"a\"}\n{\"name\":\"b\"}\n");
  EXPECT_EQ(Json::parse(Written(Format::kJson, show))["things"], kTwo);
}

TEST(OutputTest, ShowsAnObjectInEachFormat) {
  const auto show = [](Output& output) { output.Show(kTwo[0], {"a, a thing\n", "a\n"}); };
  EXPECT_EQ(Written(Format::kTable, show), "a, a thing\n");
  EXPECT_EQ(Written(Format::kRaw, show), "a\n");
  EXPECT_EQ(Written(Format::kJsonLines, show), "{\"name\":\"a\"}\n");
  EXPECT_EQ(Written(Format::kJson, show), "{\n  \"name\": \"a\"\n}\n");
}

TEST(OutputTest, EventsAreOneLineInBothJsonFormats) {
  const auto show = [](Output& output) { output.ShowEvent(kTwo[0], {"a, a thing\n", "a\n"}); };
  EXPECT_EQ(Written(Format::kJson, show), "{\"name\":\"a\"}\n");
  EXPECT_EQ(Written(Format::kJsonLines, show), "{\"name\":\"a\"}\n");
}

TEST(OutputTest, AReaderThatLeavesClosesWithoutError) {
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  std::FILE* file = fdopen(ends[1], "w");
  Output output(Format::kTable, file);
  output.Write("lost");
  output.Flush();
  EXPECT_TRUE(output.closed());
  EXPECT_EQ(output.error(), "");
  fclose(file);
}

TEST(OutputTest, AFullDeviceIsAnError) {
  std::FILE* file = fopen("/dev/full", "w");
  ASSERT_NE(file, nullptr);
  Output output(Format::kTable, file);
  output.Write("lost");
  output.Flush();
  EXPECT_NE(output.error(), "");
  fclose(file);
}

}  // namespace
}  // namespace l3link::cli
