#include "breaker/reporter.h"

#include <algorithm>
#include <utility>

#include "core/durations.h"
#include "outrigger/breaker/v1/breaker.pb.h"

namespace outrigger::client::internal {
namespace {

namespace v1 = breaker::v1;

constexpr std::size_t kMaxWaiting = 10000;
constexpr std::size_t kMaxOfReport = 1000;
constexpr absl::Duration kPatience = absl::Milliseconds(100);

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

void Reporter::Add(Outcome outcome) {
  bool send = false;
  {
    absl::MutexLock lock(&mutex_);
    ++added_;
    if (closed_) {
      ++over_;
      ++dropped_;
      return;
    }
    urgent_ = urgent_ || outcome.urgent;
    waiting_.push_back(std::move(outcome));
    if (waiting_.size() > kMaxWaiting) DropOldest();
    send = !sending_ && (urgent_ || waiting_.size() >= kMaxOfReport);
    if (!send && !sending_ && timer_ == 0) {
      timer_ = line_.At(After(Now(), kPatience), [this] {
        {
          absl::MutexLock lock(&mutex_);
          timer_ = 0;
        }
        Send();
      });
    }
  }
  if (send) Send();
}

void Reporter::DropOldest() {
  waiting_.pop_front();
  ++over_;
  ++dropped_;
}

void Reporter::Send() {
  v1::ReportRequest request;
  {
    absl::MutexLock lock(&mutex_);
    if (sending_ || waiting_.empty()) return;
    sending_ = true;
    const std::size_t count = std::min(waiting_.size(), kMaxOfReport);
    for (std::size_t i = 0; i < count; ++i) {
      const Outcome& outcome = waiting_.front();
      v1::Outcome* one = request.add_outcomes();
      one->set_breaker(outcome.breaker->name());
      one->set_method(outcome.method);
      one->set_permit(outcome.permit);
      one->set_generation(outcome.generation);
      one->set_result(ToProto(outcome.result));
      internal::ToProto(outcome.duration, one->mutable_duration());
      waiting_.pop_front();
    }
    if (waiting_.empty()) urgent_ = false;
    if (line_.Cancel(timer_)) timer_ = 0;
  }
  line_.Start<v1::Breaker::Stub, v1::ReportRequest, v1::ReportResponse>(
      &Channel::breaker, &v1::Breaker::Stub::PrepareAsyncReport, request,
      line_.options().timeout,
      [this, count = request.outcomes_size()](const absl::Status& status,
                                              v1::ReportResponse&) {
        Answered(status, count);
      });
}

void Reporter::Answered(const absl::Status& status, std::size_t count) {
  bool send = false;
  {
    absl::MutexLock lock(&mutex_);
    sending_ = false;
    over_ += count;
    // Not sent again: they may have been counted.
    if (!status.ok()) dropped_ += count;
    send = urgent_ || waiting_.size() >= kMaxOfReport;
    if (!send && !waiting_.empty() && timer_ == 0 && !closed_) {
      timer_ = line_.At(After(Now(), kPatience), [this] {
        {
          absl::MutexLock lock(&mutex_);
          timer_ = 0;
        }
        Send();
      });
    }
  }
  if (send) Send();
}

void Reporter::Flush(absl::Duration patience) {
  if (Loop::IsAnyThisThread()) return;  // it would wait for itself
  std::uint64_t upto = 0;
  {
    absl::MutexLock lock(&mutex_);
    upto = added_;
    urgent_ = urgent_ || !waiting_.empty();
  }
  Send();
  absl::MutexLock lock(&mutex_);
  const auto done = [this, upto]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return over_ >= upto;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&done), patience);
}

void Reporter::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  while (!waiting_.empty()) DropOldest();
  if (line_.Cancel(timer_)) timer_ = 0;
}

std::uint64_t Reporter::dropped() const {
  absl::MutexLock lock(&mutex_);
  return dropped_;
}

std::size_t Reporter::waiting() const {
  absl::MutexLock lock(&mutex_);
  return waiting_.size();
}

}  // namespace outrigger::client::internal
