// What health checks and look-ups find.
#ifndef OUTRIGGER_HEALTH_FINDINGS_H_
#define OUTRIGGER_HEALTH_FINDINGS_H_

#include <functional>
#include <string>
#include <vector>

namespace outrigger::health {

// Who hears of it. Both run on the monitor's thread, one after another, and
// must not block or destroy the monitor.
struct Findings {
  // One check's result; `message`: why it failed, for people.
  std::function<void(const std::string& pool, const std::string& address,
                     bool passed, const std::string& message)>
      on_check;
  // All that `dns` (EndpointOptions::dns) resolves to now, "host:port", each
  // once, in order, whether it has changed or not. Of a name that has both,
  // only the IPv4 addresses: a server that has two would count twice. A look-up
  // that fails is not told: the addresses from before stay.
  std::function<void(const std::string& pool, const std::string& dns,
                     const std::vector<std::string>& addresses)>
      on_resolved;
};

}  // namespace outrigger::health

#endif  // OUTRIGGER_HEALTH_FINDINGS_H_
