#include "config/watcher.h"

#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "config/load.h"

namespace outrigger::config {
namespace {

// A change is read once nothing has happened in the folder for this long, so
// that a group of changes is read once…
constexpr int kQuietMs = 50;
// …but no more than this many events are waited out in a folder that never is
// quiet.
constexpr int kMostPostponed = 20;
// A folder that is not there is looked for again this often.
constexpr int kRetryMs = 1000;
// Links that the path may lead through; as Linux' own bound.
constexpr int kMostLinks = 40;

constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
                             IN_CREATE | IN_DELETE | IN_DELETE_SELF |
                             IN_MOVE_SELF | IN_ATTRIB;

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Where the link at `path` leads; nothing if it is no link.
std::optional<std::string> FollowLink(const std::string& path) {
  char target[PATH_MAX];
  const ssize_t length = readlink(path.c_str(), target, sizeof(target));
  if (length <= 0) return std::nullopt;
  std::string next(target, static_cast<size_t>(length));
  return next.front() == '/' ? next : absl::StrCat(FolderOf(path), "/", next);
}

// The folders in which a change may make `path` lead to another content: that
// of each link on the way, and that of the file.
std::vector<std::string> FoldersOf(const std::string& path) {
  std::vector<std::string> folders;
  std::optional<std::string> step = path;
  for (int links = 0; step.has_value() && links < kMostLinks; ++links) {
    folders.push_back(FolderOf(*step));
    step = FollowLink(*step);
  }
  return folders;
}

// A file that was just created is still empty: its writer's close tells more.
// Links are complete at once.
bool IsBeingWritten(const std::string& path) {
  struct stat info;
  return lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         info.st_nlink == 1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Watcher>> Watcher::Start(std::string path,
                                                        Environment environment,
                                                        Config current,
                                                        Callback changed) {
  const int inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  const int wake = inotify < 0 ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) {
    const int error = errno;
    if (inotify >= 0) close(inotify);
    return absl::Status(
        absl::ErrnoToStatusCode(error),
        absl::StrCat("cannot watch ", path, ": ", std::strerror(error)));
  }
  return std::unique_ptr<Watcher>(
      new Watcher(std::move(path), std::move(environment), std::move(current),
                  std::move(changed), inotify, wake));
}

Watcher::Watcher(std::string path, Environment environment, Config current,
                 Callback changed, int inotify, int wake)
    : path_(std::move(path)),
      environment_(std::move(environment)),
      current_(std::move(current)),
      changed_(std::move(changed)),
      inotify_(inotify),
      wake_(wake),
      thread_([this] { Loop(); }) {}

Watcher::~Watcher() {
  stopping_ = true;
  LookAgain();
  thread_.join();
  close(wake_);
  close(inotify_);
}

void Watcher::LookAgain() {
  // Cannot fail: the counter is far from its bound.
  eventfd_write(wake_, 1);
}

void Watcher::Loop() {
  bool complete = WatchFolders();
  // The file may have changed between its first reading and the watch.
  Reread();
  int pending = 0;  // events that were not acted upon
  while (true) {
    const int idle_ms = complete ? -1 : kRetryMs;
    const Woken woken = Wait(pending > 0 ? kQuietMs : idle_ms);
    if (woken == Woken::kToStop) return;
    if (woken == Woken::kByRequest) {
      last_text_.reset();
      last_error_ = absl::OkStatus();
    } else if (woken == Woken::kByEvent) {
      if (TakeEvents()) ++pending;
      if (pending < kMostPostponed) continue;
    } else if (pending == 0 && complete) {
      continue;  // interrupted
    }
    pending = 0;
    // First the watch, then the reading: a change between them is seen.
    complete = WatchFolders();
    Reread();
  }
}

Watcher::Woken Watcher::Wait(int timeout_ms) {
  pollfd waits[] = {{.fd = wake_, .events = POLLIN, .revents = 0},
                    {.fd = inotify_, .events = POLLIN, .revents = 0}};
  if (poll(waits, 2, timeout_ms) < 0) return Woken::kByTime;
  if (stopping_) return Woken::kToStop;
  if (waits[0].revents != 0) {
    eventfd_t times;
    eventfd_read(wake_, &times);
    return Woken::kByRequest;
  }
  return waits[1].revents != 0 ? Woken::kByEvent : Woken::kByTime;
}

bool Watcher::TakeEvents() {
  alignas(inotify_event) char block[16 * 1024];
  bool relevant = false;
  while (true) {
    const ssize_t size = read(inotify_, block, sizeof(block));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return relevant;
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(block + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      const auto folder = folders_.find(event->wd);
      const bool created = (event->mask & IN_CREATE) != 0 && event->len > 0 &&
                           folder != folders_.end();
      relevant =
          relevant || !created ||
          !IsBeingWritten(absl::StrCat(folder->second, "/", event->name));
    }
  }
}

bool Watcher::WatchFolders() {
  bool complete = true;
  std::map<int, std::string> folders;
  for (const std::string& folder : FoldersOf(path_)) {
    const int watch = inotify_add_watch(inotify_, folder.c_str(), kEvents);
    if (watch < 0) {
      complete = false;
    } else {
      folders.emplace(watch, folder);
    }
  }
  for (const auto& [watch, folder] : folders_) {
    if (folders.count(watch) == 0) inotify_rm_watch(inotify_, watch);
  }
  folders_ = std::move(folders);
  return complete;
}

void Watcher::Reread() {
  absl::StatusOr<std::string> text = ReadFile(path_);
  if (text.ok() && last_text_ == *text) return;
  absl::StatusOr<Config> config =
      text.ok() ? ParseText(*text, path_, environment_) : text.status();
  last_text_.reset();
  if (text.ok()) last_text_ = *std::move(text);
  const absl::Status last_error = std::exchange(last_error_, config.status());
  if (config.ok()) {
    if (last_error.ok() && *config == current_) return;
    current_ = *config;
  } else if (config.status() == last_error) {
    return;
  }
  changed_(std::move(config));
}

}  // namespace outrigger::config
