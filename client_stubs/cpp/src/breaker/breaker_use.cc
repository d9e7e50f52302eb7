#include "breaker/breaker_use.h"

#include <exception>
#include <utility>

#include "breaker/denials.h"
#include "core/durations.h"
#include "core/session.h"

namespace outrigger::client::internal {

namespace v1 = breaker::v1;

BreakerUse::BreakerUse(std::shared_ptr<Session> session,
                       const std::string& name, std::string method)
    : session_(std::move(session)),
      method_(std::move(method)),
      breaker_(session_->breakers().Known(name)) {}

absl::StatusOr<Permit> BreakerUse::Acquire() {
  const Instant now = Now();
  ToldState* const state = own_.load(std::memory_order_acquire);
  if (state != nullptr && !session_->line().activities().closed()) {
    if (const auto generation = state->AllPass(now)) {
      session_->breakers().CountCall();
      return NewPermit(*generation, now);
    }
  }
  if (auto decided = DecideHere(now)) return *std::move(decided);
  Line& line = session_->line();
  v1::AcquireResponse response;
  const absl::Status status =
      line.Ask(&Channel::breaker, &v1::Breaker::Stub::PrepareAsyncAcquire,
               Question(), line.options().timeout, response);
  return Judge(status, response);
}

void BreakerUse::AcquireAsync(Breaker::Callback done) {
  if (auto decided = DecideHere(Now())) {
    done(*std::move(decided));
    return;
  }
  Line& line = session_->line();
  line.Start<v1::Breaker::Stub, v1::AcquireRequest, v1::AcquireResponse>(
      &Channel::breaker, &v1::Breaker::Stub::PrepareAsyncAcquire, Question(),
      line.options().timeout,
      [self = shared_from_this(), done = std::move(done)](
          const absl::Status& status, v1::AcquireResponse& response) mutable {
        done(self->Judge(status, response));
      });
}

std::optional<absl::StatusOr<Permit>> BreakerUse::DecideHere(Instant now) {
  if (session_->line().activities().closed()) {
    return absl::StatusOr<Permit>(ClosedError());
  }
  session_->breakers().CountCall();
  session_->breakers().Watch();
  ToldState* const state = State();
  if (state == nullptr) return std::nullopt;
  std::optional<ToldState::Verdict> verdict = state->Decide(now);
  if (!verdict) return std::nullopt;
  if (verdict->denial) {
    return absl::StatusOr<Permit>(ToStatus(*verdict->denial));
  }
  return absl::StatusOr<Permit>(NewPermit(verdict->generation, now));
}

ToldState* BreakerUse::State() {
  if (ToldState* own = own_.load(std::memory_order_acquire)) return own;
  ToldState* const state = breaker_->StateFor(method_);
  if (state != nullptr && (method_.empty() || state != breaker_->whole())) {
    own_.store(state, std::memory_order_release);
  }
  return state;
}

v1::AcquireRequest BreakerUse::Question() const {
  v1::AcquireRequest request;
  request.set_breaker(breaker_->name());
  request.set_method(method_);
  request.set_session(session_->breakers().session());
  return request;
}

Permit BreakerUse::NewPermit(std::uint64_t generation, Instant now) {
  Permit permit(shared_from_this());
  permit.generation_ = generation;
  permit.began_ = now;
  permit.exceptions_ = std::uncaught_exceptions();
  return permit;
}

absl::StatusOr<Permit> BreakerUse::Judge(const absl::Status& status,
                                         const v1::AcquireResponse& response) {
  if (Line::IsError(status)) return status;
  if (!status.ok()) {
    session_->breakers().CountFallback();
    return Fallback();
  }
  breaker_->Learn(method_, response.generation());
  if (!response.allowed()) {
    return ToStatus(
        Denial{.state = static_cast<BreakerState>(response.state()),
               .reason = static_cast<DenialReason>(response.reason()),
               .retry_after = FromProto(response.retry_after()),
               .message = response.message()});
  }
  Permit permit = NewPermit(response.generation(), Now());
  permit.permit_ = response.permit();
  permit.probe_ = response.probe();
  return permit;
}

absl::StatusOr<Permit> BreakerUse::Fallback() {
  const Instant now = Now();
  Denial denial{.state = BreakerState::kOpen,
                .retry_after = absl::Seconds(1),
                .message = "the sidecar does not answer",
                .source = Source::kFallback};
  switch (session_->line().options().breaker.on_unavailable) {
    case BreakerPolicy::OnUnavailable::kDeny:
      return ToStatus(denial);
    case BreakerPolicy::OnUnavailable::kAllow: {
      Permit permit = NewPermit(0, now);
      permit.source_ = Source::kFallback;
      return permit;
    }
    case BreakerPolicy::OnUnavailable::kLocal:
      break;
  }
  const LocalRecord::Verdict verdict = breaker_->Local(method_).Ask(now);
  if (!verdict.allowed) {
    const bool probing = verdict.retry_after <= absl::ZeroDuration();
    denial.state = probing ? BreakerState::kHalfOpen : BreakerState::kOpen;
    denial.reason = probing ? DenialReason::kProbesInUse
                            : DenialReason::kConsecutiveFailures;
    denial.retry_after = verdict.retry_after;
    return ToStatus(denial);
  }
  Permit permit = NewPermit(verdict.generation, now);
  permit.source_ = Source::kFallback;
  permit.probe_ = verdict.probe;
  return permit;
}

void BreakerUse::Report(const Permit& permit, Result result) {
  const Instant now = Now();
  if (permit.source_ == Source::kFallback) {
    breaker_->Local(method_).Record(permit.generation_, result, now);
    return;
  }
  session_->breakers().reporter().Add(
      {.breaker = breaker_,
       .method = method_,
       .permit = permit.permit_,
       .generation = permit.generation_,
       .result = result,
       .duration = Between(permit.began_, now),
       .urgent = permit.probe_ || result == Result::kFailure});
}

BreakerView BreakerUse::view() {
  session_->breakers().Watch();
  ToldState* const state = State();
  return state == nullptr ? BreakerView() : state->view(Now());
}

void BreakerUse::Flush() { session_->breakers().Flush(); }

}  // namespace outrigger::client::internal

namespace outrigger::client {

Permit& Permit::operator=(Permit&& other) noexcept {
  if (this != &other) {
    this->~Permit();
    new (this) Permit(std::move(other));
  }
  return *this;
}

Permit::~Permit() {
  if (use_ == nullptr) return;
  Report(std::uncaught_exceptions() > exceptions_ ? Result::kFailure
                                                  : Result::kIgnored);
}

void Permit::Report(Result result) {
  if (use_ == nullptr) return;
  const std::shared_ptr<internal::BreakerUse> use = std::move(use_);
  use->Report(*this, result);
}

Breaker::Breaker(std::shared_ptr<internal::BreakerUse> use)
    : use_(std::move(use)) {}

absl::StatusOr<Permit> Breaker::Acquire() { return use_->Acquire(); }

void Breaker::AcquireAsync(Callback done) {
  use_->AcquireAsync(std::move(done));
}

Breaker Breaker::WithClassifier(StatusClassifier classifier) const {
  Breaker breaker = *this;
  breaker.classify_ = std::move(classifier);
  return breaker;
}

Breaker Breaker::WithExceptionClassifier(ExceptionClassifier classifier) const {
  Breaker breaker = *this;
  breaker.classify_exception_ = std::move(classifier);
  return breaker;
}

BreakerView Breaker::view() { return use_->view(); }

void Breaker::Flush() { use_->Flush(); }

}  // namespace outrigger::client
