// The headers with which a server tells its callers of limits: Retry-After,
// RateLimit and RateLimit-Policy (IETF
// draft-ietf-httpapi-ratelimit-headers-11).
#ifndef OUTRIGGER_HEADERS_H_
#define OUTRIGGER_HEADERS_H_

#include "outrigger/answer.h"
#include "outrigger/limiter.h"

namespace outrigger::client {

// For a decision with `detail`. Names in lower case, times in whole seconds,
// rounded up. A fallback's have Retry-After only, and if it is allowed none.
// The status is 429 if it is denied.
Metadata RateLimitHeaders(const Decision& decision);

}  // namespace outrigger::client

#endif  // OUTRIGGER_HEADERS_H_
