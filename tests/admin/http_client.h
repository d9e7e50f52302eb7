// A client that says exactly what a test wants, over a real socket.
#ifndef OUTRIGGER_TESTS_ADMIN_HTTP_CLIENT_H_
#define OUTRIGGER_TESTS_ADMIN_HTTP_CLIENT_H_

#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace outrigger {

struct Answer {
  int status = 0;  // 0: the connection ended before there was one
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct ClientTls {
  std::string ca_file;
  // Shown to the server; empty: none.
  std::string cert_file;
  std::string key_file;
};

class HttpClient {
 public:
  explicit HttpClient(int port, std::optional<ClientTls> tls = std::nullopt);
  ~HttpClient();

  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // False if the handshake failed (TLS only).
  bool connected() const { return connected_; }
  // Ignores errors: the server may have gone.
  void Send(const std::string& bytes);
  // No more will be sent.
  void HalfClose();
  // The next answer. `no_body`: to HEAD.
  Answer Read(bool no_body = false);
  // Waits until the server ends the connection; what it says meanwhile is
  // thrown away. False if it does not within kPatience.
  bool Ended();

 private:
  // False at the end.
  bool Fill();

  int fd_ = -1;
  bool connected_ = true;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> session_;
  std::string received_;
};

using HeaderLines = std::vector<std::string>;  // "Name: value"

std::string RequestText(const std::string& method, const std::string& target,
                        HeaderLines headers = {}, const std::string& body = "");

// One request on a connection of its own, to "Host: localhost" unless `headers`
// have one.
Answer Ask(int port, const std::string& method, const std::string& target,
           const HeaderLines& headers = {}, const std::string& body = "");
Answer Get(int port, const std::string& target,
           const HeaderLines& headers = {});

std::string Gunzip(const std::string& bytes);

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_ADMIN_HTTP_CLIENT_H_
