#include "config/checks.h"

#include "absl/strings/str_cat.h"

namespace outrigger::config {
namespace {

void Error(const Node& root, absl::string_view path, absl::string_view message,
           Problems& problems) {
  problems.Error(NearestPlace(root, path), path, message);
}

void CheckTls(const Node& root, const Listen& listen, Problems& problems) {
  const Tls& tls = listen.tls;
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    Error(
        root,
        tls.cert_file.empty() ? "listen.tls.key_file" : "listen.tls.cert_file",
        "cert_file and key_file go together", problems);
    return;
  }
  if (!tls.enabled() && !tls.client_ca_file.empty()) {
    Error(root, "listen.tls.client_ca_file",
          "needs cert_file and key_file: without them there is no TLS",
          problems);
  }
  if (tls.require_client_cert && tls.client_ca_file.empty()) {
    Error(root, "listen.tls.require_client_cert",
          "needs client_ca_file, to check the certificates against", problems);
  }
}

void CheckAdmin(const Node& root, const Listen& listen, Problems& problems) {
  if (listen.admin_tls && !listen.tls.enabled()) {
    Error(root, "listen.admin_tls",
          "needs listen.tls, with cert_file and key_file", problems);
    return;
  }
  if (!listen.admin.has_value() || IsLoopback(*listen.admin) ||
      listen.insecure || listen.admin_uses_tls() ||
      !listen.admin_token_file.empty()) {
    return;
  }
  Error(root, "listen.admin",
        absl::StrCat(ToString(*listen.admin),
                     " can be reached from other machines: set listen.tls, "
                     "listen.admin_token_file, or listen.insecure: true if "
                     "that is meant"),
        problems);
}

}  // namespace

void CheckListen(const Node& root, const Listen& listen, Problems& problems) {
  CheckTls(root, listen, problems);
  CheckAdmin(root, listen, problems);
  if (listen.unix_path.empty() && !listen.tcp.has_value()) {
    Error(root, "listen", "unix and tcp are both off: nobody could call",
          problems);
  }
  if (listen.tcp.has_value() && listen.tcp == listen.admin &&
      listen.tcp->port != 0) {
    Error(root, "listen.admin", "is the same address as tcp", problems);
  }
  if (listen.insecure) return;
  if (listen.tcp.has_value() && !IsLoopback(*listen.tcp) &&
      !listen.tls.enabled()) {
    Error(root, "listen.tcp",
          absl::StrCat(ToString(*listen.tcp),
                       " can be reached from other machines: set listen.tls, "
                       "or listen.insecure: true if that is meant"),
          problems);
  }
}

void CheckTelemetry(const Node& root, const Telemetry& telemetry,
                    Problems& problems) {
  if (telemetry.cert_file.empty() == telemetry.key_file.empty()) return;
  const bool no_key = telemetry.key_file.empty();
  Error(root, no_key ? "telemetry.cert_file" : "telemetry.key_file",
        no_key ? "needs key_file, too" : "needs cert_file, too", problems);
}

}  // namespace outrigger::config
