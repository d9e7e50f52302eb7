// A lease as its holder and the stream know it.
#ifndef OUTRIGGER_CLIENT_POOL_HELD_LEASE_H_
#define OUTRIGGER_CLIENT_POOL_HELD_LEASE_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/functional/any_invocable.h"
#include "core/instant.h"
#include "core/loop.h"
#include "outrigger/answer.h"

namespace outrigger::client::internal {

struct HeldLease {
  // Constant after construction.
  std::string pool;
  std::string endpoint;
  std::uint64_t id = 0;  // 0: a fallback's share
  std::uint64_t fencing_token = 0;
  std::uint64_t epoch = 0;  // of the stream that owns it
  bool overflow = false;
  Source source = Source::kSidecar;

  std::atomic<bool> lost{false};

  // Protected by Holds' mutex.
  bool released = false;
  absl::AnyInvocable<void()> on_lost;
  Instant expires;
  Loop::TimerId timer = 0;  // to renew it, or to see that it has expired
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_POOL_HELD_LEASE_H_
