// What a TCP listener shows to its clients, and asks of them.
#ifndef OUTRIGGER_RPC_LISTEN_CREDENTIALS_H_
#define OUTRIGGER_RPC_LISTEN_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace outrigger::rpc {

// PEM files. They are read again every second: new connections use what is
// there, and files that do not fit each other are not taken (the old ones
// stay).
struct TlsFiles {
  // The server's certificate chain and key. Not empty.
  std::string cert_file;
  std::string key_file;
  // Clients' certificates are checked against it. Empty: they are not asked
  // for one.
  std::string client_ca_file;
  // Refuse clients that show none. Needs client_ca_file.
  bool require_client_cert = false;
};

// kFailedPrecondition if a file cannot be read, is not what it should be, or if
// key and certificate do not belong together; names the file.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> TlsCredentials(
    const TlsFiles& files);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_LISTEN_CREDENTIALS_H_
