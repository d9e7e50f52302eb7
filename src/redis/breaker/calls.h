// The script calls of each operation on breakers, as they go over the wire, and
// what they answer.
#ifndef OUTRIGGER_REDIS_BREAKER_CALLS_H_
#define OUTRIGGER_REDIS_BREAKER_CALLS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "redis/breaker/layout.h"
#include "redis/wire/command.h"
#include "redis/wire/reply.h"
#include "store/breaker_store.h"

namespace outrigger::redis {

// Makes commands without `done`; their slot is the key's, whether or not there
// is a cluster. Thread-safe.
class BreakerCalls {
 public:
  explicit BreakerCalls(absl::string_view prefix) : layout_(prefix) {}

  const BreakerLayout& layout() const { return layout_; }

  std::unique_ptr<Command> Read(const store::BreakerKey& key) const;
  std::unique_ptr<Command> Report(const store::BreakerReport& report) const;
  std::unique_ptr<Command> Swap(const store::BreakerSwap& swap) const;

 private:
  const BreakerLayout layout_;
};

// Both give kInternal for anything that the script cannot have said. A record
// that is none of ours is as good as none.

// breaker_read.lua's and breaker_report.lua's.
absl::StatusOr<store::BreakerReply> ParseBreaker(Reply reply);
// breaker_swap.lua's; `bytes` were to be written.
absl::StatusOr<store::BreakerSwapReply> ParseBreakerSwap(Reply reply,
                                                         std::string bytes);

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_BREAKER_CALLS_H_
