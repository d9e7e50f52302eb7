// The watcher on real files, changed in the ways in which files are changed.
#include "config/watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>
#include <utility>

#include "config/load.h"

namespace outrigger::config {
namespace {

using ::testing::HasSubstr;

// A folder of its own with a file, and all that the watcher says of it.
class WatcherTest : public ::testing::Test {
 protected:
  WatcherTest() {
    std::string pattern =
        std::filesystem::temp_directory_path() / "watcherXXXXXX";
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ + "/c.yaml";
  }
  ~WatcherTest() override {
    watcher_.reset();
    std::filesystem::remove_all(folder_);
  }

  static std::string Threads(int threads) {
    return "server: {threads: " + std::to_string(threads) + "}\n";
  }
  static void Write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }

  void Watch() {
    auto current = Load(path_, {});
    ASSERT_TRUE(current.ok()) << current.status();
    WatchWith(*std::move(current));
  }
  void WatchWith(Config current) {
    auto watcher = Watcher::Start(path_, {}, std::move(current),
                                  [this](absl::StatusOr<Config> config) {
                                    const std::lock_guard lock(mutex_);
                                    told_.push_back(std::move(config));
                                    changed_.notify_all();
                                  });
    ASSERT_TRUE(watcher.ok()) << watcher.status();
    watcher_ = *std::move(watcher);
  }

  // What the watcher says next. Waits for it; a minute means never.
  absl::StatusOr<Config> Next() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::minutes(1),
                           [this] { return !told_.empty(); })) {
      return absl::DeadlineExceededError("the watcher said nothing");
    }
    absl::StatusOr<Config> next = std::move(told_.front());
    told_.pop_front();
    return next;
  }
  void ExpectThreads(int threads) {
    const absl::StatusOr<Config> next = Next();
    ASSERT_TRUE(next.ok()) << next.status();
    EXPECT_EQ(next->server.threads, threads);
  }

  std::string folder_, path_;
  std::unique_ptr<Watcher> watcher_;
  // Of the standard library, whose locks ThreadSanitizer sees: Abseil's come
  // from a package that is built without it.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<absl::StatusOr<Config>> told_;
};

TEST_F(WatcherTest, SeesAFileWrittenInPlace) {
  Write(path_, Threads(1));
  Watch();
  Write(path_, Threads(2));
  ExpectThreads(2);
  Write(path_, Threads(3));
  ExpectThreads(3);
}

TEST_F(WatcherTest, SeesAFileReplacedByARename) {
  Write(path_, Threads(1));
  Watch();
  for (int threads = 2; threads < 5; ++threads) {
    Write(folder_ + "/.c.yaml.swp", Threads(threads));
    std::filesystem::rename(folder_ + "/.c.yaml.swp", path_);
    ExpectThreads(threads);
  }
}

TEST_F(WatcherTest, SeesAConfigMapsSwap) {
  const auto publish = [&](const std::string& version, int threads) {
    std::filesystem::create_directory(folder_ + "/" + version);
    Write(folder_ + "/" + version + "/c.yaml", Threads(threads));
    std::filesystem::create_symlink(version, folder_ + "/..data_tmp");
    std::filesystem::rename(folder_ + "/..data_tmp", folder_ + "/..data");
  };
  publish("..v1", 1);
  std::filesystem::create_symlink("..data/c.yaml", path_);
  Watch();
  publish("..v2", 2);
  std::filesystem::remove_all(folder_ + "/..v1");
  ExpectThreads(2);
  publish("..v3", 3);
  std::filesystem::remove_all(folder_ + "/..v2");
  ExpectThreads(3);
}

TEST_F(WatcherTest, SeesTheFileBehindALink) {
  std::filesystem::create_directory(folder_ + "/far");
  Write(folder_ + "/far/real.yaml", Threads(1));
  std::filesystem::create_symlink(folder_ + "/far/real.yaml", path_);
  Watch();
  Write(folder_ + "/far/real.yaml", Threads(2));
  ExpectThreads(2);
  Write(folder_ + "/far/other.yaml", Threads(3));
  std::filesystem::create_symlink("far/other.yaml", folder_ + "/new");
  std::filesystem::rename(folder_ + "/new", path_);
  ExpectThreads(3);
}

TEST_F(WatcherTest, SeesAChangeFromBeforeItStarted) {
  Write(path_, Threads(1));
  const auto old = Load(path_, {});
  ASSERT_TRUE(old.ok());
  Write(path_, Threads(2));
  WatchWith(*old);
  ExpectThreads(2);
}

TEST_F(WatcherTest, TellsABadFileAndItsRepair) {
  Write(path_, Threads(1));
  Watch();
  Write(path_, "server: {treads: 2}\n");
  const absl::StatusOr<Config> bad = Next();
  EXPECT_EQ(bad.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(bad.status().message(),
            path_ +
                ":1: column 10: server.treads: unknown key (did you mean "
                "threads?)");
  Write(path_, Threads(1));
  ExpectThreads(1);
}

TEST_F(WatcherTest, TellsThatTheFileIsGoneAndBack) {
  Write(path_, Threads(1));
  Watch();
  std::filesystem::remove(path_);
  EXPECT_EQ(Next().status().code(), absl::StatusCode::kNotFound);
  Write(path_, Threads(2));
  ExpectThreads(2);
}

TEST_F(WatcherTest, FindsAFolderAgainThatWasGone) {
  std::filesystem::create_directory(folder_ + "/in");
  path_ = folder_ + "/in/c.yaml";
  Write(path_, Threads(1));
  Watch();
  std::filesystem::remove_all(folder_ + "/in");
  EXPECT_EQ(Next().status().code(), absl::StatusCode::kNotFound);
  std::filesystem::create_directory(folder_ + "/in");
  Write(path_, Threads(2));
  ExpectThreads(2);
}

TEST_F(WatcherTest, SaysNothingOfChangesThatChangeNothing) {
  Write(path_, Threads(1));
  Watch();
  Write(path_, "# a comment\n" + Threads(1));
  Write(folder_ + "/other", "x");
  std::filesystem::last_write_time(
      path_, std::filesystem::file_time_type::clock::now());
  Write(path_, Threads(2));
  ExpectThreads(2);
  watcher_.reset();
  const std::lock_guard lock(mutex_);
  EXPECT_TRUE(told_.empty());
}

TEST_F(WatcherTest, TellsAnErrorAgainWhenAsked) {
  Write(path_, Threads(1));
  Watch();
  Write(path_, "server: 7\n");
  EXPECT_FALSE(Next().ok());
  watcher_->LookAgain();
  EXPECT_THAT(Next().status().message(), HasSubstr("server"));
  Write(path_, Threads(2));
  ExpectThreads(2);
  watcher_->LookAgain();  // nothing new: nothing told
  watcher_.reset();
  const std::lock_guard lock(mutex_);
  EXPECT_TRUE(told_.empty());
}

TEST_F(WatcherTest, ReadsOnEvenIfTheFolderIsNeverQuiet) {
  Write(path_, Threads(1));
  Watch();
  std::atomic<bool> stop{false};
  std::thread noise([&] {
    while (!stop) Write(folder_ + "/noise", "x");
  });
  Write(path_, Threads(2));
  ExpectThreads(2);
  stop = true;
  noise.join();
}

}  // namespace
}  // namespace outrigger::config
