#include "server/options/settings.h"

#include <cstdlib>
#include <fstream>

#include "gtest/gtest.h"

namespace l3link {
namespace {

std::string WriteConfig(const std::string& text) {
  const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/l3linkd.conf";
  std::ofstream(path) << text;
  return path;
}

std::string TextOf(const absl::StatusOr<Settings>& settings, const std::string& name) {
  if (!settings.ok()) return settings.status().ToString();
  const auto found = settings->find(name);
  return found == settings->end() ? "(default)" : found->second.text;
}

TEST(SettingsTest, FlagBeatsVariableBeatsFileBeatsDefault) {
  const std::string config = "--config=" + WriteConfig("chips = 1\nnode-name = file\nlog-level = file\n");
  const std::vector<std::string> environment = {"L3LINK_CHIPS=2", "L3LINK_NODE_NAME=env", "HOME=/"};
  const absl::StatusOr<Settings> settings = GatherSettings({config, "--chips", "3"}, environment);
  EXPECT_EQ(TextOf(settings, "chips"), "3");
  EXPECT_EQ(TextOf(settings, "node-name"), "env");
  EXPECT_EQ(TextOf(settings, "log-level"), "file");
  EXPECT_EQ(TextOf(settings, "listen"), "(default)");
  EXPECT_EQ(settings->at("chips").source, "--chips");
  EXPECT_EQ(settings->at("node-name").source, "L3LINK_NODE_NAME");
}

TEST(SettingsTest, AVariableMayNameTheConfigFile) {
  const std::string path = WriteConfig("# a comment\nplatform = a2a3sim=2,a5=1\ninsecure = true\n");
  const absl::StatusOr<Settings> settings = GatherSettings({}, {"L3LINK_CONFIG=" + path});
  EXPECT_EQ(TextOf(settings, "platform"), "a2a3sim=2,a5=1");
  EXPECT_EQ(TextOf(settings, "insecure"), "true");
}

TEST(SettingsTest, SwitchesNeedNoValue) {
  EXPECT_EQ(TextOf(SettingsOfFlags({"--insecure"}), "insecure"), "true");
  EXPECT_EQ(TextOf(SettingsOfFlags({"--insecure=false"}), "insecure"), "false");
  EXPECT_EQ(TextOf(SettingsOfFlags({"--insecure", "--chips=4"}), "chips"), "4");
}

TEST(SettingsTest, TheLastOfARepeatedFlagCounts) {
  EXPECT_EQ(TextOf(SettingsOfFlags({"--chips", "1", "--chips", "2"}), "chips"), "2");
}

TEST(SettingsTest, UnknownFlagsNameTheNearest) {
  EXPECT_EQ(SettingsOfFlags({"--statedir", "/x"}).status().message(),
            "unknown flag --statedir; did you mean --state-dir?");
  EXPECT_EQ(SettingsOfFlags({"--chip=3"}).status().message(), "unknown flag --chip; did you mean --chips?");
}

TEST(SettingsTest, StrayWordsAndMissingValuesAreErrors) {
  EXPECT_EQ(SettingsOfFlags({"start"}).status().message(), "unexpected word 'start'; every setting is a --flag");
  EXPECT_FALSE(SettingsOfFlags({"--chips"}).ok());
}

TEST(SettingsTest, UnknownKeysNameTheFileAndTheNearest) {
  const std::string path = WriteConfig("node_name = a\n");
  EXPECT_EQ(SettingsOfFile(path).status().message(), "unknown key in " + path + ": node_name; did you mean node-name?");
  EXPECT_FALSE(SettingsOfFile(WriteConfig("config = other.conf\n")).ok());
  EXPECT_FALSE(SettingsOfFile(WriteConfig("[server]\nchips = 2\n")).ok());
  EXPECT_FALSE(SettingsOfFile("/nonexistent/l3linkd.conf").ok());
}

TEST(SettingsTest, AFilesValuesAreTakenWhole) {
  const absl::StatusOr<Settings> settings =
      SettingsOfFile(WriteConfig("# head\n\nnode-name = my node # ours\n  state-dir=/a/my dir\r\nunix = /rack#7\n"
                                 "platform = a2a3sim=2,a5=1\nready-file = \"/a # b\" # quoted\ninsecure\n"));
  EXPECT_EQ(TextOf(settings, "node-name"), "my node");
  EXPECT_EQ(TextOf(settings, "state-dir"), "/a/my dir");
  EXPECT_EQ(TextOf(settings, "unix"), "/rack#7");
  EXPECT_EQ(TextOf(settings, "platform"), "a2a3sim=2,a5=1");
  EXPECT_EQ(TextOf(settings, "ready-file"), "/a # b");
  EXPECT_EQ(TextOf(settings, "insecure"), "true");
}

TEST(SettingsTest, AFileThatIsNotPlainIsAnError) {
  const struct {
    const char* text;
    const char* words;
  } rows[] = {
      {"node-name = a\nnode-name = b\n", ": node-name stands twice"},
      {"chips = 1\nnode-name\n", ": node-name has no value"},
      {"chips = 1\n= 2\n", ": line 2: there is no key before '='"},
      {"node-name = \"a\n", ": line 1: the value has no closing quote"},
      {"node-name = \"a\" b\n", ": line 1: something follows the closing quote"},
  };
  for (const auto& row : rows) {
    const std::string message(SettingsOfFile(WriteConfig(row.text)).status().message());
    EXPECT_NE(message.find(row.words), std::string::npos) << message;
  }
  EXPECT_EQ(SettingsOfFile("/").status().message(), "cannot read config file /: Is a directory");
}

TEST(SettingsTest, AMisspelledVariableIsAnErrorAndAForeignOneIsNot) {
  EXPECT_EQ(SettingsOfEnvironment({"L3LINK_LISTN=x"}).status().message(),
            "unknown variable L3LINK_LISTN; did you mean L3LINK_LISTEN?");
  EXPECT_TRUE(SettingsOfEnvironment({"L3LINK_PORT_50051_TCP_ADDR=10.0.0.1", "L3LINK_TARGET=x:1"}).ok());
}

}  // namespace
}  // namespace l3link
