// Version 1 of what is stored for breakers: the names of keys.
//
//     <prefix>:1:b:{<name>/<method>}   the record
//     <prefix>:1:e:{<name>/<method>}   what each pod has seen, and the sum
//     <prefix>:1:x:{<name>/<method>}   when that expires
//
// b is tracked, from the brace on (as in redis/cache/layout.h). All three have
// the same hash tag, and so the same slot of a cluster. Of the name and the
// method, bytes that could be mistaken are written as %XX. Everything expires
// but records that must not (forced by hand). Two releases that share the
// version may run side by side.
#ifndef OUTRIGGER_REDIS_BREAKER_LAYOUT_H_
#define OUTRIGGER_REDIS_BREAKER_LAYOUT_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "store/breaker_store.h"

namespace outrigger::redis {

// The names of a prefix. Thread-safe.
class BreakerLayout {
 public:
  explicit BreakerLayout(absl::string_view prefix);

  std::string Record(const store::BreakerKey& key) const;
  std::string Snapshots(const store::BreakerKey& key) const;
  std::string Expiries(const store::BreakerKey& key) const;

  // With what the tracked keys begin.
  const std::string& tracked_prefix() const { return tracked_prefix_; }
  // Whose record has this name; none if it is not ours.
  std::optional<store::BreakerKey> Parse(absl::string_view record) const;

 private:
  std::string Of(char kind, const store::BreakerKey& key) const;

  const std::string begin_;  // "<prefix>:1:"
  const std::string tracked_prefix_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_BREAKER_LAYOUT_H_
