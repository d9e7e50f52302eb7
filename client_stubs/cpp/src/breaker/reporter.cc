#include "breaker/reporter.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "core/durations.h"
#include "core/mistakes.h"

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

// One for each breaker, with its outcomes in their order.
std::deque<v1::ReportRequest> Apart(const v1::ReportRequest& request) {
  std::deque<v1::ReportRequest> apart;
  absl::flat_hash_map<std::string, v1::ReportRequest*> by_breaker;
  for (const v1::Outcome& outcome : request.outcomes()) {
    v1::ReportRequest*& own = by_breaker[outcome.breaker()];
    if (own == nullptr) own = &apart.emplace_back();
    *own->add_outcomes() = outcome;
  }
  return apart;
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

void Reporter::DropApart() {
  for (const v1::ReportRequest& request : apart_) {
    over_ += request.outcomes_size();
    dropped_ += request.outcomes_size();
  }
  apart_.clear();
}

v1::ReportRequest Reporter::Take() {
  v1::ReportRequest request;
  if (!apart_.empty()) {
    request = std::move(apart_.front());
    apart_.pop_front();
    return request;
  }
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
  return request;
}

void Reporter::Send() {
  const auto request = std::make_shared<v1::ReportRequest>();
  {
    absl::MutexLock lock(&mutex_);
    if (sending_) return;
    *request = Take();
    if (request->outcomes().empty()) return;
    sending_ = true;
    if (waiting_.empty()) urgent_ = false;
    if (line_.Cancel(timer_)) timer_ = 0;
  }
  line_.Start<v1::Breaker::Stub, v1::ReportRequest, v1::ReportResponse>(
      &Channel::breaker, &v1::Breaker::Stub::PrepareAsyncReport, *request,
      line_.options().timeout,
      [this, request](const absl::Status& status, v1::ReportResponse&) {
        Answered(status, *request);
      });
}

void Reporter::Answered(const absl::Status& status,
                        const v1::ReportRequest& request) {
  const bool mistake = IsMistake(status);
  std::deque<v1::ReportRequest> apart;
  if (mistake) apart = Apart(request);
  bool send = false;
  {
    absl::MutexLock lock(&mutex_);
    sending_ = false;
    if (apart.size() > 1 && !closed_) {
      apart_ = std::move(apart);  // none was counted
    } else {
      over_ += request.outcomes_size();
      // Not sent again: they may have been counted.
      if (!status.ok()) dropped_ += request.outcomes_size();
      // Nor are the others, to a sidecar that does not answer.
      if (!status.ok() && !mistake) DropApart();
    }
    send = !apart_.empty() || urgent_ || waiting_.size() >= kMaxOfReport;
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
  DropApart();
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
