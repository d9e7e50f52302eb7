#include "limit/windows.h"

#include <algorithm>
#include <cmath>

#include "limit/leased_bucket.h"

namespace outrigger::limit {

void FixedWindow::AdvanceTo(int64_t now_us, const Shape& shape) {
  const int64_t now_index = now_us / shape.period_us;
  if (now_index == index_) return;
  if (now_index < index_) {  // a reload has made the period longer
    index_ = now_index;
    count_ = std::min(count_, shape.burst);
    return;
  }
  // What was reserved beyond the windows that have passed remains.
  const double passed = static_cast<double>(now_index - index_);
  count_ = std::max(0.0, count_ - passed * shape.burst);
  index_ = now_index;
}

Verdict FixedWindow::Take(double cost, int64_t max_wait_us, int64_t now_us,
                          const Shape& shape) {
  Verdict verdict;
  const bool peek = cost == 0;
  const double need = peek ? 1 : cost;
  // The first window, counted from this one, that holds all of it.
  double window = std::floor(count_ / shape.burst);
  if (count_ + need > (window + 1) * shape.burst) window += 1;
  const double start = std::max(count_, window * shape.burst);
  const int64_t due_us =
      (index_ + static_cast<int64_t>(window)) * shape.period_us;
  const int64_t wait_us = window == 0 ? 0 : due_us - now_us;
  if (need > shape.burst) {
    verdict.retry_after_us = kNever;
  } else if (wait_us <= (peek ? 0 : max_wait_us)) {
    verdict.allowed = true;
    verdict.wait_us = wait_us;
    if (!peek) count_ = start + cost;
  } else {
    verdict.retry_after_us = wait_us;
  }
  verdict.remaining = std::max(0.0, shape.burst - count_);
  const double windows_used = std::max(1.0, std::ceil(count_ / shape.burst));
  verdict.reset_after_us =
      (index_ + static_cast<int64_t>(windows_used)) * shape.period_us - now_us;
  return verdict;
}

void FixedWindow::Refund(double cost) { count_ = std::max(0.0, count_ - cost); }

double FixedWindow::Grant(double want, double min, const Shape& shape) {
  const double granted =
      GrantOf(std::floor(shape.burst - count_), want, min, shape);
  if (granted <= 0) return 0;
  count_ += granted;
  return granted;
}

void FixedWindow::Return(int64_t generation, double tokens) {
  if (generation == index_) Refund(tokens);
}

int64_t SlidingWindow::SubWindowUs(const Shape& shape) {
  if (shape.burst <= kExactWindowLimit) return 1;
  return std::max<int64_t>(1, shape.period_us / kSubWindows);
}

void SlidingWindow::AdvanceTo(int64_t now_us, const Shape& shape) {
  while (head_ < entries_.size() &&
         entries_[head_].end_us + shape.period_us <= now_us) {
    count_ -= entries_[head_].count;
    ++head_;
  }
  if (head_ == entries_.size()) {
    entries_.clear();
    head_ = 0;
    count_ = 0;  // no rounding is carried along
  } else if (head_ > 32 && head_ * 2 > entries_.size()) {
    entries_.erase(entries_.begin(),
                   entries_.begin() + static_cast<ptrdiff_t>(head_));
    head_ = 0;
  }
}

int64_t SlidingWindow::DueUs(double need, int64_t now_us,
                             const Shape& shape) const {
  double over = count_ + need - shape.burst;
  if (over <= 0 && (head_ == entries_.size() ||
                    entries_.back().end_us - SubWindowUs(shape) <= now_us)) {
    return now_us;
  }
  int64_t due_us = now_us;
  for (size_t i = head_; i < entries_.size() && over > 0; ++i) {
    over -= entries_[i].count;
    due_us = entries_[i].end_us + shape.period_us;
  }
  // Not before those who wait already.
  return std::max(due_us, entries_.back().end_us - SubWindowUs(shape));
}

void SlidingWindow::Add(int64_t at_us, double cost, const Shape& shape) {
  const int64_t sub_us = SubWindowUs(shape);
  // Where times are exact, a token taken at t has left the window at t +
  // period.
  const int64_t end_us = sub_us == 1 ? at_us : (at_us / sub_us + 1) * sub_us;
  count_ += cost;
  if (head_ < entries_.size() && entries_.back().end_us >= end_us) {
    entries_.back().count += cost;
  } else {
    entries_.push_back({end_us, cost});
  }
}

Verdict SlidingWindow::Take(double cost, int64_t max_wait_us, int64_t now_us,
                            const Shape& shape) {
  Verdict verdict;
  const bool peek = cost == 0;
  const double need = peek ? 1 : cost;
  if (need > shape.burst) {
    verdict.retry_after_us = kNever;
  } else {
    const int64_t due_us = DueUs(need, now_us, shape);
    if (due_us - now_us <= (peek ? 0 : max_wait_us)) {
      verdict.allowed = true;
      verdict.wait_us = due_us - now_us;
      if (!peek) Add(due_us, cost, shape);
    } else {
      verdict.retry_after_us = due_us - now_us;
    }
  }
  verdict.remaining = std::max(0.0, shape.burst - count_);
  if (head_ < entries_.size()) {
    verdict.reset_after_us = entries_.back().end_us + shape.period_us - now_us;
  }
  return verdict;
}

void SlidingWindow::Refund(double cost) {
  while (cost > 0 && head_ < entries_.size()) {
    Entry& newest = entries_.back();
    const double taken = std::min(cost, newest.count);
    newest.count -= taken;
    count_ -= taken;
    cost -= taken;
    if (newest.count <= 0) entries_.pop_back();
  }
}

double SlidingWindow::Grant(double want, double min, int64_t now_us,
                            const Shape& shape) {
  const double granted =
      GrantOf(std::floor(shape.burst - count_), want, min, shape);
  if (granted <= 0) return 0;
  Add(now_us, granted, shape);
  return granted;
}

void SlidingWindow::Return(int64_t generation, double tokens,
                           const Shape& shape) {
  const int64_t end_us = (generation + 1) * SubWindowUs(shape);
  for (size_t i = head_; i < entries_.size(); ++i) {
    if (entries_[i].end_us != end_us) continue;
    const double credit = std::min(tokens, entries_[i].count);
    entries_[i].count -= credit;
    count_ -= credit;
  }
}

}  // namespace outrigger::limit
