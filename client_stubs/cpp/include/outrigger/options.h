// What a client can be told when it connects. All has a default.
#ifndef OUTRIGGER_OPTIONS_H_
#define OUTRIGGER_OPTIONS_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "outrigger/answer.h"

namespace outrigger::client {

// What answers for a limit when the sidecar does not.
struct LimitPolicy {
  enum class OnUnavailable {
    kAllow,
    // Denied, to come back after 1 s.
    kDeny,
    // A token bucket of this process for each set of attributes.
    kLocal,
  };
  OnUnavailable on_unavailable = OnUnavailable::kAllow;
  // kLocal only. Tokens a second that each bucket gains; finite, > 0.
  double local_rate = 100;
  // kLocal only. The most that a bucket holds, and what it begins with; finite,
  // >= 1.
  double local_burst = 100;
};

// What decides for a breaker when the sidecar does not.
struct BreakerPolicy {
  enum class OnUnavailable {
    // By what this process has seen: open after `failures` in a row for
    // `open_for`, then one probe at a time.
    kLocal,
    kAllow,
    // Denied, to come back after 1 s.
    kDeny,
  };
  OnUnavailable on_unavailable = OnUnavailable::kLocal;
  // kLocal only; at least 1.
  int failures = 5;
  // kLocal only; > 0.
  absl::Duration open_for = absl::Seconds(10);
};

// What a pool gives when the sidecar does not answer.
struct PoolPolicy {
  enum class OnUnavailable {
    // Nothing, to come back after 1 s.
    kRefuse,
    // At most `share` leases of each pool in this process.
    kShare,
  };
  OnUnavailable on_unavailable = OnUnavailable::kRefuse;
  // kShare only; at least 1.
  int share = 1;
  // kShare only: the endpoint of such leases, "host:port" or "unix:path".
  // Empty: they have none.
  std::string endpoint;
};

struct Options {
  // "unix:///path", "unix:path", "/path" or "host:port". Empty: what
  // OUTRIGGER_TARGET says; else the first that exists of
  // outrigger/outrigger.sock in /run, $XDG_RUNTIME_DIR and /tmp; else
  // /run/outrigger/outrigger.sock if its folder exists; else 127.0.0.1:7420.
  std::string target;
  // The longest that a call may take, beside what it may wait; > 0.
  absl::Duration timeout = absl::Milliseconds(50);
  LimitPolicy limits;
  BreakerPolicy breaker;
  PoolPolicy pool;
  // Adds the caller's trace (traceparent, tracestate, baggage) to the metadata
  // of a call. Runs on the thread that calls, must not block or throw. Unset:
  // no trace is passed on.
  std::function<void(Metadata&)> propagate;

  // OK, or kInvalidArgument with the first field that is out of its range.
  absl::Status Validate() const;
};

}  // namespace outrigger::client

#endif  // OUTRIGGER_OPTIONS_H_
