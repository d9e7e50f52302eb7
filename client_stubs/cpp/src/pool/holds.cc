#include "pool/holds.h"

#include <algorithm>
#include <utility>

#include "core/mistakes.h"
#include "pool/acquire_request.h"
#include "pool/refusals.h"

namespace outrigger::client::internal {
namespace {

namespace v1 = pool::v1;

constexpr char kMethod[] = "/outrigger.pool.v1.Pool/Hold";

v1::Result ToProto(Result result) {
  switch (result) {
    case Result::kSuccess:
      return v1::SUCCESS;
    case Result::kFailure:
      return v1::FAILURE;
    case Result::kIgnored:
      return v1::IGNORED;
  }
  return v1::IGNORED;
}

}  // namespace

void Holds::Acquire(const std::string& pool, const AcquireOptions& options,
                    Acquired done) {
  absl::StatusOr<v1::AcquireRequest> acquire = ToAcquireRequest(pool, options);
  if (!acquire.ok()) {
    done(acquire.status());
    return;
  }
  if (!line_.activities().Enter()) {
    done(ClosedError());
    return;
  }
  counters_.Call();
  const Instant now = Now();
  bool connected = false;
  {
    absl::MutexLock lock(&mutex_);
    connected = Connect();
    if (connected) {
      v1::HoldRequest request;
      request.set_id(++last_id_);
      *request.mutable_acquire() = *std::move(acquire);
      Waiter& waiter = waiters_[last_id_];
      waiter = {.done = std::move(done), .pool = pool, .asked = now};
      waiter.message = Enqueue(request);
      waiter.deadline = line_.loop().At(
          After(now, line_.options().timeout +
                         std::max(options.max_wait, absl::ZeroDuration())),
          [this, id = last_id_] { GiveUp(id); });
    }
  }
  if (!connected) {
    done(Fallback(pool));
    line_.activities().Leave();
    return;
  }
  Flush();
}

void Holds::Release(const Lease& lease, Result result) {
  absl::AnyInvocable<void()> unused;
  {
    absl::MutexLock lock(&mutex_);
    if (std::exchange(lease->released, true)) return;
    unused = std::move(lease->on_lost);
    if (lease->id == 0) {
      const auto share = shares_.find(lease->pool);
      if (--share->second == 0) shares_.erase(share);
      return;
    }
    if (lease->epoch != epoch_ || closed_) return;  // it went with its stream
    if (held_.erase(lease->id) != 0) line_.Cancel(lease->timer);
    // Also if it was lost: the sidecar may have it still.
    SendRelease(lease->id, result);
  }
  Flush();
}

void Holds::OnLost(const Lease& lease, absl::AnyInvocable<void()> told) {
  {
    absl::MutexLock lock(&mutex_);
    if (lease->released) return;
    if (!lease->lost.load(std::memory_order_acquire)) {
      lease->on_lost = std::move(told);
      return;
    }
  }
  told();
}

void Holds::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  // What it holds is given back by its end.
  if (stream_ != nullptr) stream_->Cancel();
}

std::size_t Holds::Pending() {
  absl::MutexLock lock(&mutex_);
  return waiters_.size() + queue_.size() + held_.size();
}

bool Holds::Connect() {
  if (closed_) return false;
  if (stream_ != nullptr) return true;
  if (!line_.activities().Enter()) return false;
  writing_ = true;  // until it has begun
  stream_ = Wire::Open(line_.loop(), line_.activities(), line_.channel().grpc(),
                       kMethod, {}, *this);
  return true;
}

std::shared_ptr<Holds::Outgoing> Holds::Enqueue(
    const v1::HoldRequest& request) {
  auto message = std::make_shared<Outgoing>();
  message->bytes = Encode(request);
  queue_.push_back(message);
  return message;
}

void Holds::SendRelease(std::uint64_t lease, Result result) {
  if (stream_ == nullptr) return;
  v1::HoldRequest request;
  request.set_id(++last_id_);
  request.mutable_release()->set_lease_id(lease);
  request.mutable_release()->set_result(ToProto(result));
  Enqueue(request);
}

void Holds::Flush() {
  std::shared_ptr<Outgoing> message;
  Wire* stream = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    if (writing_ || stream_ == nullptr) return;
    while (!queue_.empty() && !queue_.front()->bytes.Valid()) {
      queue_.pop_front();
    }
    // A stream that is ending answers all that wait; see OnEnded.
    if (queue_.empty() || !stream_->Hold()) return;
    writing_ = true;
    stream = stream_;
    message = std::move(queue_.front());
    queue_.pop_front();
    message->sent = true;
  }
  stream->Write(message->bytes);
}

void Holds::OnWritable(Wire&) {
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
  }
  Flush();
}

void Holds::GiveUp(std::uint64_t id) {
  Waiter waiter;
  {
    absl::MutexLock lock(&mutex_);
    auto found = waiters_.extract(id);
    if (found.empty()) return;
    waiter = std::move(found.mapped());
    if (!waiter.message->sent) {
      waiter.message->bytes.Clear();  // it is skipped
      while (!queue_.empty() && !queue_.front()->bytes.Valid()) {
        queue_.pop_front();
      }
    } else if (stream_ != nullptr) {
      v1::HoldRequest request;
      request.set_id(++last_id_);
      request.set_cancel(id);
      Enqueue(request);
    }
  }
  Flush();
  waiter.done(Fallback(waiter.pool));
  line_.activities().Leave();
}

absl::StatusOr<Holds::Lease> Holds::Fallback(const std::string& pool) {
  counters_.Fallback();
  const PoolPolicy& policy = line_.options().pool;
  absl::MutexLock lock(&mutex_);
  const auto share = shares_.find(pool);
  const int given = share == shares_.end() ? 0 : share->second;
  if (policy.on_unavailable == PoolPolicy::OnUnavailable::kShare && !closed_ &&
      given < policy.share) {
    shares_[pool] = given + 1;
    auto lease = std::make_shared<HeldLease>();
    lease->pool = pool;
    lease->endpoint = policy.endpoint;
    lease->source = Source::kFallback;
    return lease;
  }
  return ToStatus(Refusal{.reason = RefusalReason::kStoreUnavailable,
                          .advice = Advice::kRetry,
                          .retry_after = absl::Seconds(1),
                          .source = Source::kFallback});
}

}  // namespace outrigger::client::internal
