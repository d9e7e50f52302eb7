#include "admin/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "support/wait_for.h"

namespace outrigger {

HttpClient::HttpClient(int port, std::optional<ClientTls> tls)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      context_(nullptr, &SSL_CTX_free),
      session_(nullptr, &SSL_free) {
  signal(SIGPIPE, SIG_IGN);
  timeval patience{};
  patience.tv_sec = kPatience.count();
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) !=
      0) {
    connected_ = false;
    return;
  }
  if (!tls.has_value()) return;
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_load_verify_locations(context_.get(), tls->ca_file.c_str(), nullptr);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  if (!tls->cert_file.empty()) {
    SSL_CTX_use_certificate_chain_file(context_.get(), tls->cert_file.c_str());
    SSL_CTX_use_PrivateKey_file(context_.get(), tls->key_file.c_str(),
                                SSL_FILETYPE_PEM);
  }
  session_.reset(SSL_new(context_.get()));
  SSL_set_fd(session_.get(), fd_);
  connected_ = SSL_connect(session_.get()) == 1;
}

HttpClient::~HttpClient() { close(fd_); }

void HttpClient::Send(const std::string& bytes) {
  if (session_ != nullptr) {
    SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size()));
    return;
  }
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = send(fd_, bytes.data() + sent, bytes.size() - sent, 0);
    if (n <= 0) return;
    sent += static_cast<size_t>(n);
  }
}

void HttpClient::HalfClose() { shutdown(fd_, SHUT_WR); }

bool HttpClient::Fill() {
  char buffer[16384];
  const ssize_t n = session_ != nullptr
                        ? SSL_read(session_.get(), buffer, sizeof(buffer))
                        : recv(fd_, buffer, sizeof(buffer), 0);
  if (n <= 0) return false;
  received_.append(buffer, static_cast<size_t>(n));
  return true;
}

Answer HttpClient::Read(bool no_body) {
  Answer answer;
  size_t end;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return answer;
  }
  const std::string head = received_.substr(0, end);
  received_.erase(0, end + 4);
  for (const auto line : absl::StrSplit(head, "\r\n")) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    answer.headers[absl::AsciiStrToLower(parts.first)] = parts.second;
  }
  const std::vector<std::string> words = absl::StrSplit(head, ' ');
  (void)absl::SimpleAtoi(words[1], &answer.status);
  size_t length = 0;
  const auto header = answer.headers.find("content-length");
  if (header != answer.headers.end()) {
    (void)absl::SimpleAtoi(header->second, &length);
  }
  if (no_body) return answer;
  while (received_.size() < length) {
    if (!Fill()) break;
  }
  answer.body = received_.substr(0, length);
  received_.erase(0, length);
  return answer;
}

bool HttpClient::Ended() {
  errno = 0;
  while (Fill()) received_.clear();
  return errno != EAGAIN && errno != EWOULDBLOCK;
}

std::string RequestText(const std::string& method, const std::string& target,
                        HeaderLines headers, const std::string& body) {
  bool host = false;
  for (const std::string& line : headers)
    host |= absl::StartsWith(line, "Host");
  if (!host) headers.push_back("Host: localhost");
  if (!body.empty()) {
    headers.push_back(absl::StrCat("Content-Length: ", body.size()));
  }
  return absl::StrCat(method, " ", target, " HTTP/1.1\r\n",
                      absl::StrJoin(headers, "\r\n"), "\r\n\r\n", body);
}

Answer Ask(int port, const std::string& method, const std::string& target,
           const HeaderLines& headers, const std::string& body) {
  HttpClient client(port);
  client.Send(RequestText(method, target, headers, body));
  return client.Read(method == "HEAD");
}

Answer Get(int port, const std::string& target, const HeaderLines& headers) {
  return Ask(port, "GET", target, headers);
}

std::string Gunzip(const std::string& bytes) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int result = Z_OK;
  while (result == Z_OK) {
    char part[65536];
    stream.next_out = reinterpret_cast<Bytef*>(part);
    stream.avail_out = sizeof(part);
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(part, sizeof(part) - stream.avail_out);
  }
  inflateEnd(&stream);
  return result == Z_STREAM_END ? out : "not gzip";
}

}  // namespace outrigger
