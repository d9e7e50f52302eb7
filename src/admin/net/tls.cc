#include "admin/net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace outrigger::admin {
namespace {

absl::Status Bad(absl::string_view option, const std::string& file) {
  char reason[256];
  ERR_error_string_n(ERR_peek_last_error(), reason, sizeof(reason));
  ERR_clear_error();
  return absl::FailedPreconditionError(
      absl::StrCat("listen.tls.", option, ": ", file, ": ", reason));
}

absl::Status UseCertificate(SSL_CTX* context, const TlsFiles& files) {
  if (SSL_CTX_use_certificate_chain_file(context, files.cert_file.c_str()) !=
      1) {
    return Bad("cert_file", files.cert_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key_file.c_str(),
                                  SSL_FILETYPE_PEM) != 1) {
    return Bad("key_file", files.key_file);
  }
  return absl::OkStatus();
}

absl::Status AskForCertificates(SSL_CTX* context, const std::string& ca_file) {
  if (SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) != 1) {
    return Bad("client_ca_file", ca_file);
  }
  // The names that clients choose their certificate by.
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(ca_file.c_str()));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return absl::OkStatus();
}

}  // namespace

bool TlsContext::Stamp::operator==(const Stamp& other) const {
  return device == other.device && inode == other.inode && size == other.size &&
         changed.tv_sec == other.changed.tv_sec &&
         changed.tv_nsec == other.changed.tv_nsec;
}

TlsContext::Stamps TlsContext::StampsOf(const TlsFiles& files) {
  Stamps stamps;
  size_t i = 0;
  for (const std::string* file :
       {&files.cert_file, &files.key_file, &files.client_ca_file}) {
    struct stat info {};
    if (!file->empty() && stat(file->c_str(), &info) == 0) {
      stamps[i] = {info.st_dev, info.st_ino, info.st_size, info.st_mtim};
    }
    ++i;
  }
  return stamps;
}

absl::StatusOr<SSL_CTX*> TlsContext::Make(const TlsFiles& files) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return absl::InternalError("OpenSSL has no TLS");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  absl::Status status = UseCertificate(context, files);
  if (status.ok() && !files.client_ca_file.empty()) {
    status = AskForCertificates(context, files.client_ca_file);
  }
  // A session is resumed only within the server that made it.
  constexpr unsigned char kName[] = "outrigger-admin";
  SSL_CTX_set_session_id_context(context, kName, sizeof(kName) - 1);
  if (!status.ok()) {
    SSL_CTX_free(context);
    return status;
  }
  return context;
}

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::Load(TlsFiles files) {
  std::unique_ptr<TlsContext> tls(new TlsContext(std::move(files)));
  tls->stamps_ = StampsOf(tls->files_);
  auto context = Make(tls->files_);
  if (!context.ok()) return context.status();
  tls->context_ = *context;
  return tls;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

SSL* TlsContext::NewSession() {
  const Stamps stamps = StampsOf(files_);
  if (stamps != stamps_) {
    stamps_ = stamps;
    if (auto context = Make(files_); context.ok()) {
      SSL_CTX_free(std::exchange(context_, *context));
    }
  }
  return SSL_new(context_);
}

bool ShowedCertificate(const SSL* session) {
  return SSL_get0_peer_certificate(session) != nullptr &&
         SSL_get_verify_result(session) == X509_V_OK;
}

}  // namespace outrigger::admin
