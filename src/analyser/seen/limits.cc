#include "analyser/seen/limits.h"

#include <algorithm>

#include "analyser/seen/points.h"
#include "telemetry/metrics.h"

namespace outrigger::analyser {
namespace {

using telemetry::AttributeOf;
using telemetry::Point;
using telemetry::Snapshot;

constexpr float Decisions::*kFields[LimitHistory::kWhats] = {
    &Decisions::allowed, &Decisions::denied, &Decisions::shadow_denied,
    &Decisions::degraded, &Decisions::local};

// The field of each `result`; null for others.
std::optional<LimitHistory::What> ResultOf(const Point& point) {
  const absl::string_view result = AttributeOf(point, "result");
  if (result == "allowed") return LimitHistory::kAllowed;
  if (result == "denied") return LimitHistory::kDenied;
  if (result == "shadow_denied") return LimitHistory::kShadowDenied;
  return std::nullopt;
}

void AddAll(Decisions& sum, const Decisions& more) {
  for (float Decisions::*field : kFields) sum.*field += more.*field;
}

void Scale(Decisions& decisions, double by) {
  for (float Decisions::*field : kFields) {
    decisions.*field *= static_cast<float>(by);
  }
}

}  // namespace

void LimitHistory::Note(What what, double cumulative, const Step& step) {
  now_.*kFields[what] =
      static_cast<float>(grown_[what].By(cumulative, step) / step.seconds);
}

void LimitHistory::End(const Step& step) {
  const int points = std::min(step.points, static_cast<int>(kPoints));
  for (int i = 0; i < points; ++i) {
    recent_.Push(now_);
    points_.Push({Compact(now_.allowed), Compact(now_.denied)});
  }
}

Decisions LimitHistory::rates() const {
  Decisions mean;
  for (size_t i = 0; i < recent_.size(); ++i) AddAll(mean, recent_[i]);
  Scale(mean, recent_.empty() ? 0 : 1.0 / static_cast<double>(recent_.size()));
  return mean;
}

std::optional<double> LimitHistory::used() const {
  if (used_ < 0) return std::nullopt;
  return used_;
}

Decisions LimitHistory::Over(size_t seconds) const {
  Decisions counts;
  for (size_t i = points_.size() - std::min(seconds, points_.size());
       i < points_.size(); ++i) {
    counts.allowed += allowed_at(i);
    counts.denied += denied_at(i);
  }
  return counts;
}

void Limits::Update(const Snapshot& snapshot, const Step& step) {
  std::array<double, LimitHistory::kWhats> sums{};
  left_out_ = 0;
  const auto note = [&](const Point& point, LimitHistory::What what) {
    const double value = NumberOf(point);
    sums[what] += value;
    LimitHistory* limit = each_.Get(AttributeOf(point, "limit"));
    if (limit != nullptr) {
      limit->Note(what, value, step);
    } else if (what == LimitHistory::kAllowed) {
      ++left_out_;
    }
  };
  for (const Point& point :
       PointsOf(snapshot, telemetry::kAllowDecisions.name)) {
    if (const auto what = ResultOf(point); what.has_value()) note(point, *what);
  }
  for (const Point& point :
       PointsOf(snapshot, telemetry::kAllowDegraded.name)) {
    note(point, LimitHistory::kDegraded);
  }
  for (const Point& point : PointsOf(snapshot, telemetry::kAllowLocal.name)) {
    note(point, LimitHistory::kLocal);
  }
  for (const Point& point : PointsOf(snapshot, telemetry::kAllowUsed.name)) {
    LimitHistory* limit = each_.Get(AttributeOf(point, "limit"));
    if (limit != nullptr) limit->NoteUsed(NumberOf(point));
  }
  for (size_t i = 0; i < sums.size(); ++i) {
    all_.Note(static_cast<LimitHistory::What>(i), sums[i], step);
  }
  all_.End(step);
  each_.ForEach(
      [&](const std::string&, LimitHistory& limit) { limit.End(step); });
}

}  // namespace outrigger::analyser
