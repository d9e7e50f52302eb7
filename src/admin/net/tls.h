// TLS for the admin server, from files that may be replaced while it runs.
#ifndef OUTRIGGER_ADMIN_NET_TLS_H_
#define OUTRIGGER_ADMIN_NET_TLS_H_

#include <sys/stat.h>

#include <array>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_st SSL;

namespace outrigger::admin {

// PEM files, as config::Tls has them.
struct TlsFiles {
  // The server's certificate chain and key. Not empty.
  std::string cert_file;
  std::string key_file;
  // Clients are asked for a certificate, which is checked against it. Empty:
  // they are not asked.
  std::string client_ca_file;
  // Clients must show one, but for open routes: those who show none get 401.
  // (Kubernetes' probes have none to show.)
  bool require_client_cert = false;
};

// Not thread-safe.
class TlsContext {
 public:
  // kFailedPrecondition naming the option and the file, if one cannot be read
  // or key and certificate do not belong together.
  static absl::StatusOr<std::unique_ptr<TlsContext>> Load(TlsFiles files);
  ~TlsContext();

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // A session for a new connection, as a server; the caller owns it. Reads the
  // files again if they have changed since; if they do not fit each other, the
  // old ones stay. Never null, but without memory.
  SSL* NewSession();

 private:
  // What tells one state of a file from another.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    timespec changed{};
    bool operator==(const Stamp& other) const;
  };
  using Stamps = std::array<Stamp, 3>;

  explicit TlsContext(TlsFiles files) : files_(std::move(files)) {}

  static absl::StatusOr<SSL_CTX*> Make(const TlsFiles& files);
  static Stamps StampsOf(const TlsFiles& files);

  const TlsFiles files_;
  Stamps stamps_{};
  SSL_CTX* context_ = nullptr;
};

// Whether the client has shown a certificate; a bad one ends the handshake.
bool ShowedCertificate(const SSL* session);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_NET_TLS_H_
