#include "server/listeners.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rpc/listen/credentials.h"

namespace outrigger::server {
namespace {

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> TcpCredentials(
    const config::Tls& tls) {
  if (!tls.enabled()) return grpc::InsecureServerCredentials();
  return rpc::TlsCredentials({.cert_file = tls.cert_file,
                              .key_file = tls.key_file,
                              .client_ca_file = tls.client_ca_file,
                              .require_client_cert = tls.require_client_cert});
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listeners>> Listeners::Prepare(
    const config::Listen& listen) {
  std::unique_ptr<Listeners> listeners(new Listeners(listen));
  if (!listen.unix_path.empty()) {
    auto lock = rpc::SocketLock::Take(listen.unix_path);
    if (!lock.ok()) return lock.status();
    listeners->lock_ = *std::move(lock);
    listeners->all_.push_back({absl::StrCat("unix:", listen.unix_path),
                               grpc::InsecureServerCredentials()});
  }
  if (listen.tcp.has_value()) {
    auto credentials = TcpCredentials(listen.tls);
    if (!credentials.ok()) return credentials.status();
    listeners->all_.push_back({ToString(*listen.tcp), *credentials});
  }
  return listeners;
}

absl::Status Listeners::Bound(const std::vector<int>& ports) {
  for (size_t i = 0; i < all_.size(); ++i) {
    if (absl::StartsWith(all_[i].address, "unix:")) {
      absl::Status access = rpc::SetSocketAccess(
          listen_.unix_path, listen_.unix_mode, listen_.unix_owner);
      if (!access.ok()) return access;
      targets_.push_back(all_[i].address);
    } else {
      targets_.push_back(ToString(
          config::Address{listen_.tcp->host, static_cast<uint16_t>(ports[i])}));
    }
  }
  return absl::OkStatus();
}

}  // namespace outrigger::server
