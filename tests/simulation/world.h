// Simulated time: events in order, and nothing between them.
#ifndef OUTRIGGER_TESTS_SIMULATION_WORLD_H_
#define OUTRIGGER_TESTS_SIMULATION_WORLD_H_

#include <cstdint>
#include <map>
#include <random>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "base/clock.h"

namespace outrigger::simulation {

// Everything random comes from one seed, so a run can be repeated. Microseconds
// since the world began.
class World {
 public:
  using EventId = std::pair<int64_t, uint64_t>;

  explicit World(uint64_t seed) : random_(seed) {}

  int64_t now_us() const { return now_us_; }

  EventId At(int64_t when_us, absl::AnyInvocable<void()> work) {
    const EventId id(std::max(when_us, now_us_), ++last_id_);
    events_.emplace(id, std::move(work));
    return id;
  }
  bool Cancel(const EventId& id) { return events_.erase(id) > 0; }

  void RunUntil(int64_t end_us) {
    while (!events_.empty() && events_.begin()->first.first <= end_us) {
      auto event = events_.extract(events_.begin());
      now_us_ = event.key().first;
      event.mapped()();
    }
    now_us_ = end_us;
  }

  // Uniform over [0, 1).
  double Uniform() { return std::uniform_real_distribution<>(0, 1)(random_); }
  bool Chance(double probability) { return Uniform() < probability; }
  int64_t Exponential(double mean_us) {
    return static_cast<int64_t>(
        std::exponential_distribution<>(1 / mean_us)(random_));
  }
  // Uniform over 0 to n - 1.
  size_t Pick(size_t n) {
    return std::uniform_int_distribution<size_t>(0, n - 1)(random_);
  }

 private:
  int64_t now_us_ = 0;
  uint64_t last_id_ = 0;
  std::mt19937_64 random_;
  std::map<EventId, absl::AnyInvocable<void()>> events_;
};

// Somebody's clock in the world: it may be set wrong, and run fast or slow.
class WorldClock final : public Clock {
 public:
  WorldClock(const World& world, int64_t offset_us, double speed)
      : world_(world), offset_us_(offset_us), speed_(speed) {}

  MonotonicTime Now() const override {
    return MonotonicTime(std::chrono::microseconds(
        offset_us_ +
        static_cast<int64_t>(static_cast<double>(world_.now_us()) * speed_)));
  }
  WallTime WallNow() const override {
    constexpr int64_t k2026Us = 1'767'225'600'000'000;
    return WallTime(std::chrono::microseconds(k2026Us) +
                    Now().time_since_epoch());
  }
  // The world's time at which this clock shows `time`, or a little more.
  int64_t WorldUs(MonotonicTime time) const {
    const int64_t time_us = ToMicros(time + std::chrono::nanoseconds(999));
    return static_cast<int64_t>(static_cast<double>(time_us - offset_us_) /
                                speed_) +
           1;
  }

 private:
  const World& world_;
  const int64_t offset_us_;
  const double speed_;
};

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_WORLD_H_
