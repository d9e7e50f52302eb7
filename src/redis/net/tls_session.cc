#include "redis/net/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "absl/strings/str_cat.h"

namespace outrigger::redis {
namespace {

using ContextPtr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

std::string LastError() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown TLS error";
  char text[256];
  ERR_error_string_n(code, text, sizeof(text));
  return text;
}

absl::Status BadFile(absl::string_view field, const std::string& file) {
  return absl::FailedPreconditionError(
      absl::StrCat("tls.", field, " ", file, ": ", LastError()));
}

absl::Status Load(SSL_CTX* context, const TlsOptions& options) {
  if (!options.ca_file.empty()) {
    if (SSL_CTX_load_verify_locations(context, options.ca_file.c_str(),
                                      nullptr) != 1) {
      return BadFile("ca_file", options.ca_file);
    }
  } else {
    SSL_CTX_set_default_verify_paths(context);
  }
  if (options.cert_file.empty()) return absl::OkStatus();
  if (SSL_CTX_use_certificate_chain_file(context, options.cert_file.c_str()) !=
      1) {
    return BadFile("cert_file", options.cert_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(),
                                  SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return BadFile("key_file", options.key_file);
  }
  return absl::OkStatus();
}

// Host names go out as SNI and are matched with the certificate's names; IP
// addresses are matched with its addresses.
bool ExpectName(SSL* ssl, const std::string& name) {
  X509_VERIFY_PARAM* const param = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(param, name.c_str()) == 1) return true;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, name.c_str()) == 1 &&
         SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsSession>> TlsSession::Make(
    const TlsOptions& options, const std::string& host) {
  ERR_clear_error();
  const ContextPtr context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (context == nullptr) return absl::InternalError(LastError());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(
      context.get(),
      options.insecure_skip_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
      nullptr);
  const absl::Status loaded = Load(context.get(), options);
  if (!loaded.ok()) return loaded;

  SSL* const ssl = SSL_new(context.get());
  if (ssl == nullptr) return absl::InternalError(LastError());
  auto session = std::unique_ptr<TlsSession>(new TlsSession(ssl));
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl);
  const std::string& name =
      options.server_name.empty() ? host : options.server_name;
  if (!ExpectName(ssl, name)) {
    return absl::FailedPreconditionError(
        absl::StrCat("tls.server_name: cannot be used: ", name));
  }
  const absl::Status started = session->Shake();
  if (!started.ok()) return started;
  return session;
}

TlsSession::~TlsSession() { SSL_free(ssl_); }

absl::Status TlsSession::Shake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) {
    established_ = true;
    return absl::OkStatus();
  }
  if (SSL_get_error(ssl_, result) == SSL_ERROR_WANT_READ) {
    return absl::OkStatus();
  }
  const long verdict = SSL_get_verify_result(ssl_);
  if (verdict != X509_V_OK) {
    return absl::UnauthenticatedError(
        absl::StrCat("the server's certificate is not accepted: ",
                     X509_verify_cert_error_string(verdict)));
  }
  return absl::UnavailableError(
      absl::StrCat("TLS handshake failed: ", LastError()));
}

absl::Status TlsSession::Decrypt(absl::string_view bytes, std::string* plain) {
  BIO_write(SSL_get_rbio(ssl_), bytes.data(), static_cast<int>(bytes.size()));
  if (!established_) {
    const absl::Status status = Shake();
    if (!status.ok() || !established_) return status;
  }
  char buffer[16'384];  // a TLS record's most
  for (;;) {
    ERR_clear_error();
    const int read = SSL_read(ssl_, buffer, sizeof(buffer));
    if (read > 0) {
      plain->append(buffer, static_cast<size_t>(read));
      continue;
    }
    switch (SSL_get_error(ssl_, read)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return absl::OkStatus();
      case SSL_ERROR_ZERO_RETURN:
        return absl::UnavailableError("the server ended the TLS session");
      default:
        return absl::UnavailableError(absl::StrCat("TLS: ", LastError()));
    }
  }
}

absl::Status TlsSession::Encrypt(absl::string_view plain) {
  ERR_clear_error();
  while (!plain.empty()) {
    const int wrote =
        SSL_write(ssl_, plain.data(), static_cast<int>(plain.size()));
    if (wrote <= 0) {
      return absl::UnavailableError(absl::StrCat("TLS: ", LastError()));
    }
    plain.remove_prefix(static_cast<size_t>(wrote));
  }
  return absl::OkStatus();
}

void TlsSession::TakeOutput(std::string* out) {
  BIO* const bio = SSL_get_wbio(ssl_);
  const size_t waiting = BIO_ctrl_pending(bio);
  if (waiting == 0) return;
  const size_t before = out->size();
  out->resize(before + waiting);
  BIO_read(bio, out->data() + before, static_cast<int>(waiting));
}

}  // namespace outrigger::redis
