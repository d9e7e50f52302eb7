#include "config/default_socket.h"

#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace outrigger::config {
namespace {

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool IsWritableFolder(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) &&
         access(path.c_str(), W_OK | X_OK) == 0;
}

bool Exists(const std::string& path) {
  struct stat info;
  return lstat(path.c_str(), &info) == 0;
}

}  // namespace

std::vector<std::string> UsualSockets(const Environment& environment) {
  constexpr char kName[] = "/outrigger/outrigger.sock";
  std::vector<std::string> sockets = {absl::StrCat("/run", kName)};
  const auto xdg = environment.find("XDG_RUNTIME_DIR");
  if (xdg != environment.end() && !xdg->second.empty() &&
      xdg->second.front() == '/') {
    sockets.push_back(absl::StrCat(xdg->second, kName));
  }
  sockets.push_back(absl::StrCat("/tmp", kName));
  return sockets;
}

std::string SocketToServe(const std::vector<std::string>& sockets) {
  for (const std::string& socket : sockets) {
    const std::string folder = ParentOf(socket);
    if (Exists(folder) ? IsWritableFolder(folder)
                       : IsWritableFolder(ParentOf(folder))) {
      return socket;
    }
  }
  return sockets.back();
}

std::string SocketToCall(const std::vector<std::string>& sockets) {
  for (const std::string& socket : sockets) {
    if (Exists(socket)) return socket;
  }
  return "";
}

}  // namespace outrigger::config
