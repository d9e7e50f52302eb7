#include "breaker/breakers.h"

#include <algorithm>
#include <utility>

namespace outrigger::client::internal {
namespace {

constexpr char kMethod[] = "/outrigger.breaker.v1.Breaker/Watch";
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(50);
constexpr absl::Duration kLongestBackoff = absl::Seconds(1);

}  // namespace

KnownBreaker* Breakers::Known(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  return Entry(name);
}

void Breakers::BeginToWatch() {
  absl::MutexLock lock(&mutex_);
  if (watching_.exchange(true) || closed_) return;
  Open();
}

KnownBreaker* Breakers::Entry(const std::string& name) {
  std::unique_ptr<KnownBreaker>& entry = known_[name];
  if (entry == nullptr) {
    entry = std::make_unique<KnownBreaker>(name, line_.options().breaker);
  }
  return entry.get();
}

void Breakers::Open() {
  if (!line_.activities().Enter()) return;
  watch_ = Wire::Open(line_.loop(), line_.activities(), line_.channel().grpc(),
                      kMethod, {}, *this);
}

void Breakers::OnWritable(Wire& stream) {
  if (stream.Hold()) stream.WriteLast(Encode(breaker::v1::WatchRequest()));
}

void Breakers::OnMessage(Wire&, breaker::v1::WatchResponse& told) {
  const Instant now = Now();
  absl::MutexLock lock(&mutex_);
  backoff_ = kFirstBackoff;
  if (told.breaker().empty()) {
    for (auto& [name, entry] : known_) entry->Forget();
    return;
  }
  Entry(told.breaker())->Tell(told, now);
  session_.store(told.session(), std::memory_order_release);
}

void Breakers::OnEnded(Wire&, const absl::Status&) {
  // What was told holds on for its time.
  session_.store(0, std::memory_order_release);
  absl::MutexLock lock(&mutex_);
  watch_ = nullptr;
  if (closed_) return;
  again_ = line_.At(After(Now(), backoff_), [this] {
    absl::MutexLock lock(&mutex_);
    again_ = 0;
    if (!closed_) Open();
  });
  backoff_ = std::min(2 * backoff_, kLongestBackoff);
}

void Breakers::Close() {
  reporter_.Close();
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  if (watch_ != nullptr) watch_->Cancel();
  if (line_.Cancel(again_)) again_ = 0;
}

}  // namespace outrigger::client::internal
