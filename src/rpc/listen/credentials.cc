#include "rpc/listen/credentials.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "absl/strings/str_cat.h"

namespace outrigger::rpc {
namespace {

constexpr unsigned int kReloadSeconds = 1;

absl::Status Bad(absl::string_view option, const std::string& file) {
  char reason[256];
  ERR_error_string_n(ERR_peek_last_error(), reason, sizeof(reason));
  ERR_clear_error();
  return absl::FailedPreconditionError(
      absl::StrCat("listen.tls.", option, ": ", file, ": ", reason));
}

// gRPC would take any files and then refuse every client, so they are tried
// first with OpenSSL itself.
absl::Status Check(const TlsFiles& files) {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
      SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (context == nullptr) return absl::InternalError("OpenSSL has no TLS");
  if (SSL_CTX_use_certificate_chain_file(context.get(),
                                         files.cert_file.c_str()) != 1) {
    return Bad("cert_file", files.cert_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key_file.c_str(),
                                  SSL_FILETYPE_PEM) != 1) {
    return Bad("key_file", files.key_file);
  }
  if (!files.client_ca_file.empty() &&
      SSL_CTX_load_verify_locations(context.get(), files.client_ca_file.c_str(),
                                    nullptr) != 1) {
    return Bad("client_ca_file", files.client_ca_file);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> TlsCredentials(
    const TlsFiles& files) {
  absl::Status status = Check(files);
  if (!status.ok()) return status;
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          files.key_file, files.cert_file, files.client_ca_file,
          kReloadSeconds));
  options.watch_identity_key_cert_pairs();
  if (!files.client_ca_file.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(
        files.require_client_cert
            ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
            : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  } else {
    options.set_cert_request_type(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace outrigger::rpc
