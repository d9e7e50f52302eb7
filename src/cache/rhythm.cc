#include "cache/rhythm.h"

namespace outrigger::cache {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

bool Rhythm::Read(uint64_t hash, Tick now, int32_t left_ms) {
  Place& place = places_[hash % kPlaces];
  const auto who = static_cast<uint32_t>(hash >> 32);
  const uint32_t last = place.last.exchange(now, kRelaxed);
  if (place.who.exchange(who, kRelaxed) != who) {
    place.steady.store(0, kRelaxed);
    place.mean_ms.store(0, kRelaxed);
    return false;
  }
  const uint32_t interval = now - last;
  const uint32_t mean = place.mean_ms.load(kRelaxed);
  const uint32_t off = interval > mean ? interval - mean : mean - interval;
  if (interval < kShortestMs || off > mean / 4) {
    place.steady.store(0, kRelaxed);
    place.mean_ms.store(interval, kRelaxed);
    return false;
  }
  const uint32_t next = (3 * mean + interval) / 4;
  place.mean_ms.store(next, kRelaxed);
  const uint32_t steady = place.steady.load(kRelaxed) + 1;
  place.steady.store(steady, kRelaxed);
  if (steady < kSteady || left_ms > static_cast<int32_t>(next + next / 4)) {
    return false;
  }
  return MayPredict(now);
}

bool Rhythm::MayPredict(Tick now) {
  const uint64_t second = now / 1000;
  uint64_t window = window_.load(kRelaxed);
  for (;;) {
    const uint64_t used = (window >> 32) == second ? window & 0xFFFFFFFF : 0;
    if (used >= most_per_second_) return false;
    if (window_.compare_exchange_weak(window, (second << 32) | (used + 1),
                                      kRelaxed)) {
      return true;
    }
  }
}

}  // namespace outrigger::cache
