// Limits by window, as values: fixed windows and sliding windows.
//
// Both can reserve for callers who wait: a reservation stands at the time at
// which it comes due, and counts from now on, so that nobody overtakes it.
//
// The caller locks. Times are microseconds on one timeline, not negative.
#ifndef OUTRIGGER_LIMIT_WINDOWS_H_
#define OUTRIGGER_LIMIT_WINDOWS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "limit/shape.h"

namespace outrigger::limit {

// At most shape.burst in each span [k * period, (k + 1) * period).
class FixedWindow {
 public:
  // Drops the windows that have passed. Call before all below.
  void AdvanceTo(int64_t now_us, const Shape& shape);

  // Takes `cost` or nothing. A reservation stands whole in one window: the
  // first with room for it after all that is reserved already. Cost 0 peeks.
  Verdict Take(double cost, int64_t max_wait_us, int64_t now_us,
               const Shape& shape);
  void Refund(double cost);

  // Takes min to want tokens for use within the window that `generation()`
  // names; 0 if fewer than min are left.
  double Grant(double want, double min, const Shape& shape);
  // Gives back tokens of an earlier Grant, if its window has not passed.
  void Return(int64_t generation, double tokens);

  int64_t generation() const { return index_; }
  double count() const { return count_; }

 private:
  int64_t index_ = 0;  // of the window that `count_` starts with
  double count_ = 0;   // taken in it, and reserved in those after it
};

// At most shape.burst in any span of one period. Up to kExactWindowLimit the
// times of all tokens are kept; above, tokens are counted by sub-window.
class SlidingWindow {
 public:
  // Drops what has left the window. Call before all below.
  void AdvanceTo(int64_t now_us, const Shape& shape);

  Verdict Take(double cost, int64_t max_wait_us, int64_t now_us,
               const Shape& shape);
  // Takes back the newest `cost` tokens.
  void Refund(double cost);

  // For limits above kExactWindowLimit: takes min to want tokens for use within
  // the sub-window now, which `Generation` names.
  double Grant(double want, double min, int64_t now_us, const Shape& shape);
  void Return(int64_t generation, double tokens, const Shape& shape);
  static int64_t Generation(int64_t now_us, const Shape& shape) {
    return now_us / SubWindowUs(shape);
  }

  // The length of a sub-window; 1 where times are exact.
  static int64_t SubWindowUs(const Shape& shape);

  double count() const { return count_; }
  // Entries kept, for the bound on memory: at most kExactWindowLimit, or
  // 2 * kSubWindows + 2.
  size_t entries() const { return entries_.size() - head_; }

 private:
  struct Entry {
    int64_t end_us;  // of the sub-window the tokens were taken in
    double count;
  };

  void Add(int64_t at_us, double cost, const Shape& shape);
  // When `need` more tokens fit, if nothing more is taken.
  int64_t DueUs(double need, int64_t now_us, const Shape& shape) const;

  std::vector<Entry> entries_;  // ordered by time; those before head_ have left
  size_t head_ = 0;
  double count_ = 0;
};

}  // namespace outrigger::limit

#endif  // OUTRIGGER_LIMIT_WINDOWS_H_
