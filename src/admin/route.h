// What the admin server answers to, one path each.
#ifndef OUTRIGGER_ADMIN_ROUTE_H_
#define OUTRIGGER_ADMIN_ROUTE_H_

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "admin/http/message.h"
#include "base/clock.h"

namespace outrigger::admin {

// An answer that takes time.
struct Later {
  Duration after{};
  // Runs once, after that time, on the server's thread. If the client or the
  // server goes first it is destroyed unrun.
  std::function<Response()> finish;
};
using Outcome = std::variant<Response, Later>;

// A value.
struct Route {
  std::string path;                  // exact
  std::vector<std::string> methods;  // "GET" stands for HEAD, too
  // Answered without a token, for probes.
  bool open = false;
  // Does something: refused when another site's page asks.
  bool acts = false;
  // On the server's thread, one at a time, so it must not block.
  std::function<Outcome(const Request&)> answer;
};

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_ROUTE_H_
