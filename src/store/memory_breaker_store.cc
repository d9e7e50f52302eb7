#include "store/memory_breaker_store.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/status/status.h"

namespace outrigger::store {

MemoryBreakerStore::MemoryBreakerStore(const Clock& clock)
    : clock_(clock),
      offset_us_(std::chrono::duration_cast<std::chrono::microseconds>(
                     clock.WallNow().time_since_epoch())
                     .count() -
                 ToMicros(clock.Now())) {}

int64_t MemoryBreakerStore::NowUs() const {
  return ToMicros(clock_.Now()) + offset_us_;
}

void MemoryBreakerStore::Listen(BreakerListener* listener) {
  listener_ = listener;
  listener_->OnHeard();
}

void MemoryBreakerStore::Tell(const BreakerKey& key) {
  if (listener_ != nullptr) listener_->OnChanged({key});
}

bool MemoryBreakerStore::Expire(int64_t now_us, Breaker* breaker) {
  if (breaker->until_us == 0 || now_us < breaker->until_us) return false;
  breaker->record = {};
  breaker->until_us = 0;
  return true;
}

void MemoryBreakerStore::Look(const BreakerKey& key,
                              const BreakerReport* report,
                              Callback<BreakerReply> done) {
  BreakerReply reply;
  bool expired = false;
  {
    absl::MutexLock lock(&mutex_);
    reply.now_us = NowUs();
    const auto it = report != nullptr ? breakers_.try_emplace(key).first
                                      : breakers_.find(key);
    if (it != breakers_.end()) {
      Breaker& breaker = it->second;
      expired = Expire(reply.now_us, &breaker);
      if (report != nullptr) breaker.reports.Take(*report, reply.now_us);
      reply.record = breaker.record;
      reply.evidence = breaker.reports.Sum(reply.now_us);
    }
  }
  if (expired) Tell(key);
  done(std::move(reply));
}

void MemoryBreakerStore::Read(BreakerKey key, Callback<BreakerReply> done) {
  Look(key, nullptr, std::move(done));
}

void MemoryBreakerStore::Report(BreakerReport report,
                                Callback<BreakerReply> done) {
  Look(report.key, &report, std::move(done));
}

void MemoryBreakerStore::Swap(BreakerSwap swap,
                              Callback<BreakerSwapReply> done) {
  if (swap.bytes.size() > kMaxBreakerRecordBytes) {
    return done(absl::InvalidArgumentError("the breaker's record is too long"));
  }
  BreakerSwapReply reply;
  bool expired = false;
  {
    absl::MutexLock lock(&mutex_);
    reply.now_us = NowUs();
    Breaker& breaker = breakers_[swap.key];
    expired = Expire(reply.now_us, &breaker);
    reply.swapped = breaker.record.revision == swap.expected;
    if (reply.swapped) {
      const uint64_t last =
          std::max({swap.expected, swap.above, breaker.last_revision});
      breaker.last_revision =
          std::max(last + 1, static_cast<uint64_t>(reply.now_us));
      breaker.record = {breaker.last_revision, std::move(swap.bytes)};
      breaker.until_us =
          swap.keep_for_ms > 0 ? reply.now_us + swap.keep_for_ms * 1000 : 0;
    }
    reply.record = breaker.record;
  }
  if (expired || reply.swapped) Tell(swap.key);
  done(std::move(reply));
}

void MemoryBreakerStore::Flush() {
  {
    absl::MutexLock lock(&mutex_);
    breakers_.clear();
  }
  if (listener_ == nullptr) return;
  listener_->OnUnheard();
  listener_->OnHeard();
}

}  // namespace outrigger::store
