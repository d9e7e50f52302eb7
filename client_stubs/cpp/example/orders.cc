// A small HTTP service that uses all parts of the sidecar:
//
//   GET /orders/42      with `User: ada`; 10 an hour for each user
//   GET /metrics        what the client counted
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "outrigger/client.h"
#include "outrigger/headers.h"

namespace {

namespace oc = outrigger::client;

struct Page {
  int status = 200;
  std::string body;
};

class Orders {
 public:
  explicit Orders(const oc::Client& client)
      : limiter_(client.limiter()),
        cache_(client.cache("profiles")),
        payments_(client.breaker("payments")),
        database_(client.pool("orders")) {}

  // The middleware: asks the limits first, and adds their headers.
  void Serve(evhttp_request* request) {
    const char* user =
        evhttp_find_header(evhttp_request_get_input_headers(request), "User");
    const auto decision = limiter_.Allow(
        {{"user", user == nullptr ? "anonymous" : user}}, {.detail = true});
    Page page{.status = 429, .body = "too many requests\n"};
    if (!decision.ok()) {
      page = {.status = 500, .body = decision.status().ToString() + "\n"};
    } else {
      evkeyvalq* headers = evhttp_request_get_output_headers(request);
      for (const auto& [name, value] : oc::RateLimitHeaders(*decision)) {
        evhttp_add_header(headers, name.c_str(), value.c_str());
      }
      if (decision->allowed) page = Order(evhttp_request_get_uri(request));
    }
    evbuffer_add(evhttp_request_get_output_buffer(request), page.body.data(),
                 page.body.size());
    evhttp_send_reply(request, page.status, nullptr, nullptr);
  }

 private:
  Page Order(const std::string& uri) {
    // The loader may run later, in the background: it has copies.
    const auto order = cache_.GetOrLoad<std::string>(
        uri, [pool = database_, uri]() mutable { return Load(pool, uri); });
    if (!order.ok()) {
      return {.status = 503, .body = order.status().ToString() + "\n"};
    }
    const absl::StatusOr<std::string> paid =
        payments_.Call([&]() -> absl::StatusOr<std::string> { return "paid"; },
                       [](const oc::Denial& denial) {
                         return "not known: " + denial.message;
                       });
    return {.body = absl::StrCat(order->value.value_or("no such order"),
                                 order->loaded ? " (loaded)" : " (cached)",
                                 ", ", paid.value_or("?"), "\n")};
  }

  // Stands for a query: it has a slot of the fleet's while it runs.
  static absl::StatusOr<std::string> Load(oc::Pool& pool,
                                          const std::string& uri) {
    const auto lease = pool.Acquire({.max_wait = absl::Seconds(1)});
    if (!lease.ok()) return lease.status();
    return absl::StrCat("order ", uri, " from ", lease->endpoint());
  }

  oc::Limiter limiter_;
  oc::Cache cache_;
  oc::Breaker payments_;
  oc::Pool database_;
};

void ServeMetrics(evhttp_request* request, void* context) {
  const oc::Stats stats = static_cast<oc::Client*>(context)->stats();
  evbuffer_add_printf(evhttp_request_get_output_buffer(request),
                      "limits %lu, %lu by fallback\n"
                      "cache %lu, %lu by fallback\n"
                      "breaker %lu, %lu by fallback\n"
                      "pool %lu, %lu by fallback\n",
                      stats.limits.calls, stats.limits.fallbacks,
                      stats.cache.calls, stats.cache.fallbacks,
                      stats.breaker.calls, stats.breaker.fallbacks,
                      stats.pool.calls, stats.pool.fallbacks);
  evhttp_send_reply(request, 200, nullptr, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  const int port = argc > 1 ? std::atoi(argv[1]) : 8080;
  auto client = oc::Client::Connect();
  if (!client.ok()) {
    std::cerr << client.status() << "\n";
    return 1;
  }
  Orders orders(*client);
  event_base* const base = event_base_new();
  evhttp* const server = evhttp_new(base);
  evhttp_set_cb(server, "/metrics", ServeMetrics, &*client);
  evhttp_set_gencb(
      server,
      [](evhttp_request* request, void* context) {
        static_cast<Orders*>(context)->Serve(request);
      },
      &orders);
  if (evhttp_bind_socket(server, "127.0.0.1",
                         static_cast<std::uint16_t>(port)) != 0) {
    std::cerr << "port " << port << " is taken\n";
    return 1;
  }
  std::cout << "curl -i -H 'User: ada' 127.0.0.1:" << port << "/orders/42"
            << std::endl;
  event_base_dispatch(base);
  evhttp_free(server);
  event_base_free(base);
  return 0;
}
