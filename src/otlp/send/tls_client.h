// TLS for HTTP: what we trust, and who we say we are.
#ifndef OUTRIGGER_OTLP_SEND_TLS_CLIENT_H_
#define OUTRIGGER_OTLP_SEND_TLS_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "otlp/options.h"

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace outrigger::otlp {

// TLS 1.2 or later; the server's certificate must be valid for its name. Not
// thread-safe.
class TlsClient {
 public:
  // Reads the files of `destination`. kFailedPrecondition names the one that is
  // wrong.
  static absl::StatusOr<std::unique_ptr<TlsClient>> Make(
      const Destination& destination);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // A session with the server `host`, a name or an address. The caller frees
  // it.
  SSL* NewSession(const std::string& host) const;

 private:
  explicit TlsClient(SSL_CTX* context) : context_(context) {}

  SSL_CTX* const context_;
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_SEND_TLS_CLIENT_H_
