#include "rpc/listen/socket_lock.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace outrigger::rpc {
namespace {

constexpr size_t kMostNameBytes = 16384;  // of a passwd or group entry

absl::Status Failed(absl::string_view what, const std::string& path) {
  return absl::FailedPreconditionError(
      absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(errno)));
}

// Who holds the lock: its process id, which the holder wrote into the file.
std::string HolderOf(int fd) {
  char text[32];
  const ssize_t size = pread(fd, text, sizeof(text), 0);
  const absl::string_view pid =
      absl::StripAsciiWhitespace({text, size > 0 ? size_t(size) : 0});
  return pid.empty() ? "another process" : absl::StrCat("process ", pid);
}

absl::Status WritePid(int fd, const std::string& lock_path) {
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) !=
                                   static_cast<ssize_t>(pid.size())) {
    return Failed("write", lock_path);
  }
  return absl::OkStatus();
}

absl::Status RemoveStale(const std::string& path) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) return absl::OkStatus();
  if (!S_ISSOCK(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " is not a socket: remove it, or set listen.unix elsewhere"));
  }
  if (unlink(path.c_str()) != 0) return Failed("remove the stale", path);
  return absl::OkStatus();
}

absl::StatusOr<uid_t> UserId(const std::string& name) {
  uint32_t number;
  if (absl::SimpleAtoi(name, &number)) return number;
  std::vector<char> buffer(kMostNameBytes);
  passwd entry;
  passwd* found = nullptr;
  getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return found->pw_uid;
  return absl::InvalidArgumentError(
      absl::StrCat("listen.unix_owner: there is no user ", name));
}

absl::StatusOr<gid_t> GroupId(const std::string& name) {
  uint32_t number;
  if (absl::SimpleAtoi(name, &number)) return number;
  std::vector<char> buffer(kMostNameBytes);
  group entry;
  group* found = nullptr;
  getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return found->gr_gid;
  return absl::InvalidArgumentError(
      absl::StrCat("listen.unix_owner: there is no group ", name));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SocketLock>> SocketLock::Take(
    const std::string& path) {
  std::error_code error;
  const auto folder = std::filesystem::path(path).parent_path();
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::FailedPreconditionError(absl::StrCat(
        "cannot make the folder ", folder.string(), ": ", error.message()));
  }
  const std::string lock_path = absl::StrCat(path, ".lock");
  const int fd = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return Failed("open", lock_path);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    absl::Status status =
        errno == EWOULDBLOCK
            ? absl::AlreadyExistsError(absl::StrCat(
                  "another outrigger (", HolderOf(fd), ") serves on ", path))
            : Failed("lock", lock_path);
    close(fd);
    return status;
  }
  std::unique_ptr<SocketLock> lock(new SocketLock(path, fd));
  absl::Status status = WritePid(fd, lock_path);
  if (status.ok()) status = RemoveStale(path);
  if (!status.ok()) return status;
  return lock;
}

SocketLock::~SocketLock() {
  struct stat info;
  if (lstat(path_.c_str(), &info) == 0 && S_ISSOCK(info.st_mode)) {
    unlink(path_.c_str());
  }
  close(fd_);
}

absl::Status SetSocketAccess(const std::string& path, int mode,
                             const std::string& owner) {
  uid_t user = static_cast<uid_t>(-1);
  gid_t group = static_cast<gid_t>(-1);
  const std::vector<std::string> names = absl::StrSplit(owner, ':');
  if (!names[0].empty()) {
    absl::StatusOr<uid_t> id = UserId(names[0]);
    if (!id.ok()) return id.status();
    user = *id;
  }
  if (names.size() > 1 && !names[1].empty()) {
    absl::StatusOr<gid_t> id = GroupId(names[1]);
    if (!id.ok()) return id.status();
    group = *id;
  }
  // The mode first: nobody gains access by the change of owner alone.
  if (chmod(path.c_str(), static_cast<mode_t>(mode)) != 0 ||
      (!owner.empty() && chown(path.c_str(), user, group) != 0)) {
    return absl::PermissionDeniedError(absl::StrCat(
        "cannot set mode or owner of ", path, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace outrigger::rpc
