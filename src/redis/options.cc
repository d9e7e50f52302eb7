#include "redis/options.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace outrigger::redis {
namespace {

absl::Status Bad(absl::string_view field, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", what));
}

absl::Status ValidateAddresses(const Options& options) {
  const size_t count = options.addresses.size();
  if (count == 0) return Bad("addresses", "at least one is needed");
  if (count > 64) return Bad("addresses", "at most 64");
  if (options.mode == Mode::kStandalone && count > 1) {
    return Bad("addresses", "standalone has exactly one");
  }
  for (size_t i = 0; i < count; ++i) {
    const Address& address = options.addresses[i];
    const std::string field = absl::StrCat("addresses[", i, "]");
    if (!address.unix_path.empty()) {
      if (options.mode != Mode::kStandalone || options.tls.enabled) {
        return Bad(field, "a Unix socket is only for standalone without TLS");
      }
      // sockaddr_un holds 108 bytes with the final zero.
      if (address.unix_path[0] != '/' || address.unix_path.size() > 107) {
        return Bad(field, "must be an absolute path of at most 107 bytes");
      }
      continue;
    }
    if (address.host.empty() || address.host.size() > 255) {
      return Bad(field, "the host must have 1 to 255 bytes");
    }
    if (address.port == 0) return Bad(field, "the port must be 1 to 65535");
  }
  return absl::OkStatus();
}

absl::Status ValidatePrefix(const std::string& prefix) {
  const bool clean = std::all_of(prefix.begin(), prefix.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
  });
  if (prefix.empty() || prefix.size() > 64 || !clean) {
    return Bad("prefix", "must be 1 to 64 of [A-Za-z0-9_.-]");
  }
  return absl::OkStatus();
}

absl::Status ValidateLogin(const Options& options) {
  if (!options.password.empty() && !options.password_file.empty()) {
    return Bad("password_file", "not together with a password");
  }
  if (!options.username.empty() && options.password.empty() &&
      options.password_file.empty()) {
    return Bad("username", "needs a password or a password_file");
  }
  if (options.database < 0 || options.database > 1'000'000) {
    return Bad("database", "must be 0 to 1000000");
  }
  if (options.mode == Mode::kCluster && options.database != 0) {
    return Bad("database", "a cluster has only database 0");
  }
  const bool has_sentinel = !options.sentinel.master.empty();
  if (options.mode == Mode::kSentinel && !has_sentinel) {
    return Bad("sentinel.master", "must not be empty");
  }
  if (!options.sentinel.username.empty() && options.sentinel.password.empty()) {
    return Bad("sentinel.username", "needs sentinel.password");
  }
  if (options.tls.cert_file.empty() != options.tls.key_file.empty()) {
    return Bad("tls.cert_file", "goes together with tls.key_file");
  }
  return absl::OkStatus();
}

absl::Status ValidateBounds(const Options& options) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  if (options.timeout < milliseconds(1) || options.timeout > seconds(10)) {
    return Bad("timeout", "must be 1ms to 10s");
  }
  if (options.connect_timeout < milliseconds(10) ||
      options.connect_timeout > seconds(60)) {
    return Bad("connect_timeout", "must be 10ms to 60s");
  }
  if (options.max_in_flight < 1 || options.max_in_flight > 1'000'000) {
    return Bad("max_in_flight", "must be 1 to 1000000");
  }
  return absl::OkStatus();
}

}  // namespace

std::string ToString(const Address& address) {
  if (!address.unix_path.empty()) return address.unix_path;
  if (address.host.find(':') != std::string::npos) {
    return absl::StrCat("[", address.host, "]:", address.port);
  }
  return absl::StrCat(address.host, ":", address.port);
}

absl::Status Validate(const Options& options) {
  for (const absl::Status& status :
       {ValidateAddresses(options), ValidatePrefix(options.prefix),
        ValidateLogin(options), ValidateBounds(options)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace outrigger::redis
