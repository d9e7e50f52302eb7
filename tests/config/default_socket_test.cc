// Where the socket is if nobody says.
#include "config/default_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace outrigger::config {
namespace {

using ::testing::ElementsAre;

TEST(DefaultSocket, HasThreeUsualPlaces) {
  EXPECT_THAT(UsualSockets({}), ElementsAre("/run/outrigger/outrigger.sock",
                                            "/tmp/outrigger/outrigger.sock"));
  EXPECT_THAT(UsualSockets({{"XDG_RUNTIME_DIR", "/run/user/1"}}),
              ElementsAre("/run/outrigger/outrigger.sock",
                          "/run/user/1/outrigger/outrigger.sock",
                          "/tmp/outrigger/outrigger.sock"));
  EXPECT_EQ(UsualSockets({{"XDG_RUNTIME_DIR", "relative"}}), UsualSockets({}));
}

TEST(DefaultSocket, ServesWhereItCanWriteAndCallsWhereItIs) {
  std::string pattern = std::filesystem::temp_directory_path() / "socketXXXXXX";
  const std::string folder = mkdtemp(pattern.data());
  const std::string absent = folder + "/a/b/s";
  const std::string creatable = folder + "/c/s";
  const std::string present = folder + "/d/s";
  std::filesystem::create_directory(folder + "/d");

  EXPECT_EQ(SocketToServe({absent, creatable, present}), creatable);
  EXPECT_EQ(SocketToServe({absent, present, creatable}), present);
  EXPECT_EQ(SocketToServe({absent}), absent);
  // A file where the folder should be.
  std::ofstream(folder + "/file").flush();
  EXPECT_EQ(SocketToServe({folder + "/file/s", creatable}), creatable);

  EXPECT_EQ(SocketToCall({absent, present}), "");
  std::ofstream(present).flush();
  EXPECT_EQ(SocketToCall({absent, present}), present);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace outrigger::config
