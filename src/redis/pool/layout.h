// Version 1 of what is stored for pools: the names of keys.
//
//     <prefix>:1:p:{<pool>}          the ledger: who has which slots
//     <prefix>:1:p:{<pool>}:<set>    its sorted sets: x, c, w, m and t
//     <prefix>:1:m:<pod>:{<pool>}    mail: never there for longer than a
//     moment,
//                                    by which the pod is called to ask again
//
// A pod tracks its own mail. Of names, bytes that could be mistaken are written
// as %XX. Everything expires when it was not used for a week. Two releases that
// share the version may run side by side.
#ifndef OUTRIGGER_REDIS_POOL_LAYOUT_H_
#define OUTRIGGER_REDIS_POOL_LAYOUT_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace outrigger::redis {

// The names of a prefix. Thread-safe.
class PoolLayout {
 public:
  explicit PoolLayout(absl::string_view prefix);

  std::string Ledger(absl::string_view pool) const;
  // `set`: 'x' expiries, 'c' caps, 'w' waiting, 'm' mailed, 't' turns.
  std::string Set(absl::string_view pool, char set) const;
  std::string Mail(absl::string_view pod, absl::string_view pool) const;

  // What comes before the pod's name in all mail, and after it in a pool's.
  const std::string& mail_begin() const { return mail_begin_; }
  static std::string MailEnd(absl::string_view pool);
  // A pod, as the scripts name it.
  static std::string PodName(absl::string_view pod);

  // With what the keys begin that `pod` tracks.
  std::string TrackedPrefix(absl::string_view pod) const;
  // Which pool `mail` is from; none if it is not mail to `pod`.
  std::optional<std::string> ParseMail(absl::string_view pod,
                                       absl::string_view mail) const;

 private:
  const std::string begin_;  // "<prefix>:1:p:"
  const std::string mail_begin_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_POOL_LAYOUT_H_
