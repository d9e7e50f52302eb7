// Who wants to hear of the servers' changes.
#ifndef OUTRIGGER_REDIS_TRACKING_LISTENER_H_
#define OUTRIGGER_REDIS_TRACKING_LISTENER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace outrigger::redis {

// Called on the client's thread; must not block.
class TrackingListener {
 public:
  virtual ~TrackingListener() = default;

  // These keys were written or removed, or have expired; some may be there
  // twice. Also while not all changes are heard of.
  virtual void OnKeys(std::vector<std::string> keys) = 0;

  // From now on changes may be missed.
  virtual void OnUntracked() = 0;
  // From now on all changes are heard of. `forgot`: since the last time some
  // server has lost writes, or may have, or there was no last time.
  virtual void OnTracked(bool forgot) = 0;

  // Comes about twice a second while changes are heard of: they need not be
  // from `until` on, unless this came again. So a process that was stopped for
  // a while finds out by itself, before this thread does.
  virtual void OnHeardUntil(MonotonicTime until) = 0;

  // A server's clock, in microseconds since 1970, at some time between the two;
  // about once a second. Only if TrackingPlan::server_time.
  virtual void OnServerTime(int64_t /*server_us*/, MonotonicTime /*asked*/,
                            MonotonicTime /*answered*/) {}
};

// What a client is to track.
struct TrackingPlan {
  // Null: nothing. Else it outlives the client.
  TrackingListener* listener = nullptr;
  // Of keys; at least one; none may be the beginning of another.
  std::vector<std::string> prefixes;
  // Whether the servers are asked for their time, too.
  bool server_time = false;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_TRACKING_LISTENER_H_
