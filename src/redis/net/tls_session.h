// One TLS client session, as a filter between bytes and bytes.
#ifndef OUTRIGGER_REDIS_NET_TLS_SESSION_H_
#define OUTRIGGER_REDIS_NET_TLS_SESSION_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "redis/options.h"

using SSL = struct ssl_st;

namespace outrigger::redis {

// OpenSSL over memory: it never touches a socket, so one code path sends and
// receives, with TLS or without. Not thread-safe.
class TlsSession {
 public:
  // Reads the files named in `options`, anew for every session, so that rotated
  // certificates are picked up. kFailedPrecondition names the file that is
  // wrong. `host` is checked against the certificate unless
  // options.server_name replaces it. Starts the handshake.
  static absl::StatusOr<std::unique_ptr<TlsSession>> Make(
      const TlsOptions& options, const std::string& host);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // The peer was verified, and Encrypt may be called.
  bool established() const { return established_; }

  // Takes bytes from the network; appends what they decrypt to. An error ends
  // the session and says why: e.g. whose certificate was not believed.
  absl::Status Decrypt(absl::string_view bytes, std::string* plain);

  // Takes bytes of ours. REQUIRES: established().
  absl::Status Encrypt(absl::string_view plain);

  // Appends what must go out to the network by now.
  void TakeOutput(std::string* out);

 private:
  explicit TlsSession(SSL* ssl) : ssl_(ssl) {}
  absl::Status Shake();

  SSL* const ssl_;
  bool established_ = false;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_TLS_SESSION_H_
