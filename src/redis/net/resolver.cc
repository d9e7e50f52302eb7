#include "redis/net/resolver.h"

#include <arpa/inet.h>
#include <event2/dns.h>
#include <event2/util.h>
#include <sys/un.h>

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outrigger::redis {

// Shared between the query and evdns, whose callback always comes.
struct Resolver::Query::State {
  Done done;
  evdns_getaddrinfo_request* request = nullptr;
  bool* failed = nullptr;

  static void Answered(int error, evutil_addrinfo* found, void* argument);
};

namespace {

SocketAddress UnixAddress(const std::string& path) {
  SocketAddress result;
  auto* address = reinterpret_cast<sockaddr_un*>(&result.storage);
  address->sun_family = AF_UNIX;
  std::memcpy(address->sun_path, path.c_str(), path.size() + 1);
  result.length = sizeof(sockaddr_un);
  return result;
}

bool ParseIp(const Address& address, SocketAddress* result) {
  auto* v4 = reinterpret_cast<sockaddr_in*>(&result->storage);
  if (inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    result->length = sizeof(sockaddr_in);
    return true;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&result->storage);
  if (inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    result->length = sizeof(sockaddr_in6);
    return true;
  }
  return false;
}

}  // namespace

void Resolver::Query::State::Answered(int error, evutil_addrinfo* found,
                                      void* argument) {
  const std::unique_ptr<std::shared_ptr<State>> holder(
      static_cast<std::shared_ptr<State>*>(argument));
  State& state = **holder;
  state.request = nullptr;
  std::vector<SocketAddress> addresses;
  for (evutil_addrinfo* info = found; info != nullptr; info = info->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
    address.length = static_cast<socklen_t>(info->ai_addrlen);
    addresses.push_back(address);
  }
  if (found != nullptr) evutil_freeaddrinfo(found);
  if (!state.done) return;  // nobody waits any more
  const Done done = std::exchange(state.done, nullptr);
  if (addresses.empty()) {
    *state.failed = true;
    done(absl::UnavailableError(absl::StrCat("the name is not resolved: ",
                                             evutil_gai_strerror(error))));
  } else {
    done(std::move(addresses));
  }
}

Resolver::Query::~Query() {
  if (state_ == nullptr) return;
  state_->done = nullptr;
  if (state_->request != nullptr) evdns_getaddrinfo_cancel(state_->request);
}

Resolver::~Resolver() {
  if (dns_ != nullptr) evdns_base_free(dns_, /*fail_requests=*/0);
}

evdns_base* Resolver::Base() {
  if (dns_ != nullptr && stale_) {
    evdns_base_clear_nameservers_and_suspend(dns_);
    evdns_base_clear_host_addresses(dns_);
    evdns_base_resolv_conf_parse(dns_, DNS_OPTIONS_ALL, "/etc/resolv.conf");
    evdns_base_resume(dns_);
  }
  if (dns_ == nullptr) {
    dns_ = evdns_base_new(loop_.base(), EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    evdns_base_resolv_conf_parse(dns_, DNS_OPTIONS_ALL, "/etc/resolv.conf");
  }
  stale_ = false;
  return dns_;
}

std::unique_ptr<Resolver::Query> Resolver::Resolve(const Address& address,
                                                   Done done) {
  auto query = std::make_unique<Query>();
  SocketAddress direct;
  if (!address.unix_path.empty()) {
    done(std::vector<SocketAddress>{UnixAddress(address.unix_path)});
    return query;
  }
  if (ParseIp(address, &direct)) {
    done(std::vector<SocketAddress>{direct});
    return query;
  }
  evutil_addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_protocol = IPPROTO_TCP;
  auto state = std::make_shared<Query::State>();
  state->done = std::move(done);
  state->failed = &stale_;
  query->state_ = state;
  evdns_getaddrinfo_request* const request = evdns_getaddrinfo(
      Base(), address.host.c_str(), std::to_string(address.port).c_str(),
      &hints, &Query::State::Answered,
      new std::shared_ptr<Query::State>(state));
  // Null: it has answered already.
  if (state->done) state->request = request;
  return query;
}

}  // namespace outrigger::redis
