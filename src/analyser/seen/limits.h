// What each limit decided lately.
#ifndef OUTRIGGER_ANALYSER_SEEN_LIMITS_H_
#define OUTRIGGER_ANALYSER_SEEN_LIMITS_H_

#include <array>
#include <cstddef>
#include <optional>

#include "analyser/history/change.h"
#include "analyser/history/compact.h"
#include "analyser/history/ring.h"
#include "analyser/seen/named_table.h"
#include "telemetry/snapshot.h"

namespace outrigger::analyser {

// Per second, or counts. A decision is allowed, denied or, by a shadow limit,
// shadow_denied.
struct Decisions {
  float allowed = 0;
  float denied = 0;
  float shadow_denied = 0;
  float degraded = 0;
  float local = 0;

  float all() const { return allowed + denied + shadow_denied; }
};

// One limit, or all of them together.
class LimitHistory {
 public:
  static constexpr size_t kRecent = 10;  // seconds
  static constexpr size_t kPoints = 60;  // one a second

  enum What { kAllowed, kDenied, kShadowDenied, kDegraded, kLocal };
  static constexpr size_t kWhats = 5;

  // What a step's snapshot says, each once; then End.
  void Note(What what, double cumulative, const Step& step);
  void NoteUsed(double share) { used_ = static_cast<float>(share); }
  void End(const Step& step);

  // Per second, over the last kRecent seconds.
  Decisions rates() const;
  // Per second, of the latest step.
  const Decisions& now() const { return now_; }
  std::optional<double> used() const;

  // Seconds that there are points for; 0 is the oldest.
  size_t points() const { return points_.size(); }
  float allowed_at(size_t i) const { return points_[i].allowed.value(); }
  float denied_at(size_t i) const { return points_[i].denied.value(); }

  // Counts of the last `seconds`, at most kPoints.
  Decisions Over(size_t seconds) const;

 private:
  struct Point {
    Compact allowed;
    Compact denied;
  };

  std::array<Grown, kWhats> grown_;
  Decisions now_;
  float used_ = -1;  // negative: unknown
  Ring<Decisions, kRecent> recent_;
  Ring<Point, kPoints> points_;
};

// All limits. At most kMost are known each by itself; all count together.
class Limits {
 public:
  static constexpr size_t kMost = 1000;

  void Update(const telemetry::Snapshot& snapshot, const Step& step);

  const NamedTable<LimitHistory, kMost>& each() const { return each_; }
  const LimitHistory& all() const { return all_; }
  // Limits that are not in each().
  size_t left_out() const { return left_out_; }

 private:
  NamedTable<LimitHistory, kMost> each_;
  LimitHistory all_;
  size_t left_out_ = 0;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_SEEN_LIMITS_H_
