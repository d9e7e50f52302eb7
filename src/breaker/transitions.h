// How a breaker's state changes: pure functions on its record, the same for the
// fleet's and for a pod's own.
//
//     CLOSED ── Trip ──▶ OPEN ── TakeProbe, when the wait is over ──▶ HALF_OPEN
//       ▲                  ▲                                            │
//       │                  └── too many probes failed ── FinishProbe ◀──┤
//       └── enough of them succeeded; the admitted share grows ◀── Settle
//
// Nothing here waits for anybody: whoever looks at a record next moves it on,
// so that no state lasts because one who was to end it is gone.
#ifndef OUTRIGGER_BREAKER_TRANSITIONS_H_
#define OUTRIGGER_BREAKER_TRANSITIONS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "breaker/options.h"
#include "breaker/record.h"

namespace outrigger::breaker {

// Who changes a record, and when.
struct Turn {
  int64_t now_us = 0;  // by the record's clock; > 0
  double random = 0;   // of [0, 1): for the jitter of a wait
  absl::string_view pod;
};

// How a probe went. kIgnored: it said nothing, and its slot is free again.
enum class ProbeResult : uint8_t { kSucceeded, kFailed, kIgnored };

// The calls on which half open is decided; what `half_open_probes` says of the
// fleet, or less for a pod that is on its own.
struct ProbeRules {
  int64_t probes = 1;  // 1 to kMaxProbes
};

// Closed to open, for `cause`. While it still recovers this is one attempt
// more, and the wait is longer. REQUIRES: kClosed.
void Trip(const BreakerOptions& options, const Turn& turn, const Cause& cause,
          Record* record);

// What has begun, by its times, more than a second from now begins now: the
// clock was set back, or it is another host's since a failover.
void Rebase(int64_t now_us, Record* record);

// Whether TakeProbe, after Settle, may give a probe; or Settle changes it.
bool MayProbe(const ProbeRules& rules, int64_t now_us, const Record& record);

// Probes past their deadline have failed; then, if it can be decided, it is
// open again or closed. Does nothing unless kHalfOpen.
void Settle(const BreakerOptions& options, const ProbeRules& rules,
            const Turn& turn, Record* record);

// Adds `probe`, if there is one to be had. After Settle.
bool TakeProbe(const ProbeRules& rules, const Turn& turn, const Probe& probe,
               Record* record);

// The probe `id` is reported; false, and nothing changes, if it is not out (any
// more). `slow`: it took longer than slow_call.
bool FinishProbe(const BreakerOptions& options, const ProbeRules& rules,
                 const Turn& turn, uint64_t id, ProbeResult result, bool slow,
                 Record* record);

// What is set by hand; kNone ends it, and leaves the rest.
void Force(Forced forced, const Turn& turn, Record* record);

// Closed and whole, nothing by hand; and so are the methods, if it has any.
void Reset(const Turn& turn, Record* record);

// The share of calls that may pass: 0 open and half open, else 1 or, while it
// recovers, between recover_from and 1. What is forced is left out.
double AdmitRatio(const BreakerOptions& options, int64_t now_us,
                  const Record& record);

// Closed, and the admitted share still grows.
bool Recovering(const BreakerOptions& options, int64_t now_us,
                const Record& record);

// Nothing to remember: closed, whole, and nothing set by hand.
bool Plain(const BreakerOptions& options, int64_t now_us, const Record& record);

// A share to admit of a service that answers, of late, as `seen`: "handling
// overload" of the SRE book, with K = 2. 1 as long as half of the calls
// succeed.
double Throttle(const Tally& seen);

}  // namespace outrigger::breaker

#endif  // OUTRIGGER_BREAKER_TRANSITIONS_H_
