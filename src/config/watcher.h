// Follows the configuration's file while the program runs.
//
// Sees a file written in place, replaced by a rename (as editors do), and
// reached through symbolic links that are swapped (as Kubernetes does with a
// ConfigMap's `..data`). The environment is the one of the start.
#ifndef OUTRIGGER_CONFIG_WATCHER_H_
#define OUTRIGGER_CONFIG_WATCHER_H_

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "config/config.h"
#include "config/environment.h"

namespace outrigger::config {

// Has a thread of its own, on which all calls of the callback are made. The
// destructor stops and joins it; it must not run within the callback.
class Watcher {
 public:
  // Gets a new configuration; or, if the file cannot be read or is wrong, the
  // error, as Load gives it: then keep the old configuration. The same error
  // is told once, and a file that says what is known already is not told at
  // all, unless it ends an error.
  using Callback = absl::AnyInvocable<void(absl::StatusOr<Config>)>;

  // Watches the file at `path` (not empty), whose content gave `current`. A
  // change since it was read is told, too. kInternal or kResourceExhausted if
  // the system gives no more inotify instances.
  static absl::StatusOr<std::unique_ptr<Watcher>> Start(std::string path,
                                                        Environment environment,
                                                        Config current,
                                                        Callback changed);

  ~Watcher();

  // Reads the file now, for a file system that tells of no changes. What is
  // wrong with it is told again. Any thread.
  void LookAgain();

  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

 private:
  Watcher(std::string path, Environment environment, Config current,
          Callback changed, int inotify, int wake);

  // All below run on the thread.
  void Loop();
  enum class Woken { kByTime, kByEvent, kByRequest, kToStop };
  // Waits up to `timeout_ms` (negative: for ever).
  Woken Wait(int timeout_ms);
  // Reads all that is queued; true if any of it may have changed the file.
  bool TakeEvents();
  // Watches every folder that the path leads through; false if one is not
  // there.
  bool WatchFolders();
  void Reread();

  const std::string path_;
  const Environment environment_;
  Config current_;
  Callback changed_;
  const int inotify_;
  const int wake_;                      // an eventfd
  std::atomic<bool> stopping_ = false;  // with wake_
  std::map<int, std::string> folders_;  // by watch descriptor
  std::optional<std::string> last_text_;
  absl::Status last_error_;
  std::thread thread_;  // last: it uses all above
};

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_WATCHER_H_
