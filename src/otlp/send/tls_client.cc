#include "otlp/send/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace outrigger::otlp {
namespace {

absl::Status Wrong(const std::string& path) {
  char reason[256] = "";
  ERR_error_string_n(ERR_get_error(), reason, sizeof(reason));
  ERR_clear_error();
  return absl::FailedPreconditionError(
      absl::StrCat("telemetry: ", path, ": ", reason));
}

absl::Status Configure(const Destination& destination, SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  // Servers that speak only HTTP/2 can then say so.
  static constexpr unsigned char kHttp1[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context, kHttp1, sizeof(kHttp1) - 1);
  if (destination.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, destination.ca_file.c_str()) !=
             1) {
    return Wrong(destination.ca_file);
  }
  if (destination.cert_file.empty()) return absl::OkStatus();
  if (SSL_CTX_use_certificate_chain_file(context,
                                         destination.cert_file.c_str()) != 1) {
    return Wrong(destination.cert_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context, destination.key_file.c_str(),
                                  SSL_FILETYPE_PEM) != 1) {
    return Wrong(destination.key_file);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsClient>> TlsClient::Make(
    const Destination& destination) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) std::abort();  // only without memory
  std::unique_ptr<TlsClient> client(new TlsClient(context));
  const absl::Status status = Configure(destination, context);
  if (!status.ok()) return status;
  return client;
}

TlsClient::~TlsClient() { SSL_CTX_free(context_); }

SSL* TlsClient::NewSession(const std::string& host) const {
  SSL* ssl = SSL_new(context_);
  if (ssl == nullptr) std::abort();  // only without memory
  X509_VERIFY_PARAM* checks = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str()) != 1) {
    X509_VERIFY_PARAM_set1_host(checks, host.data(), host.size());
    SSL_set_tlsext_host_name(ssl, host.c_str());
  }
  ERR_clear_error();
  return ssl;
}

}  // namespace outrigger::otlp
