// What one DNS name resolves to, again and again.
#ifndef OUTRIGGER_HEALTH_WATCH_NAME_WATCH_H_
#define OUTRIGGER_HEALTH_WATCH_NAME_WATCH_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "health/target.h"
#include "loop/loop.h"
#include "loop/resolver.h"
#include "loop/timer.h"

namespace outrigger::health {

// Looks it up at once, and again every `refresh`, give or take a tenth; after a
// failure sooner, after a second and then ever longer pauses. On the loop's
// thread.
class NameWatch {
 public:
  // What all share; outlives them.
  struct Tools {
    Loop& loop;
    Resolver& resolver;
    RandomSource& random;
  };
  // As AddressTexts gives them, at least one; or why there are none. Must not
  // destroy the watch.
  using Report =
      std::function<void(const absl::StatusOr<std::vector<std::string>>&)>;

  // `dns`: "name:port".
  NameWatch(const Tools& tools, const std::string& dns, Duration refresh,
            Report report);

  // From after the next look-up on.
  void SetRefresh(Duration refresh) { refresh_ = refresh; }

 private:
  void Ask();
  void OnAnswer(const absl::StatusOr<std::vector<SocketAddress>>& found);

  const Tools tools_;
  const Target target_;
  const Report report_;
  Duration refresh_;
  Duration pause_after_failure_;
  std::unique_ptr<Resolver::Query> query_;
  Timer timer_;
};

}  // namespace outrigger::health

#endif  // OUTRIGGER_HEALTH_WATCH_NAME_WATCH_H_
