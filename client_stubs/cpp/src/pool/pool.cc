#include "outrigger/pool.h"

#include <exception>
#include <utility>

#include "core/session.h"
#include "core/signal.h"

namespace outrigger::client {

Lease::Lease(std::shared_ptr<internal::Session> session,
             std::shared_ptr<internal::HeldLease> held)
    : session_(std::move(session)),
      held_(std::move(held)),
      exceptions_(std::uncaught_exceptions()) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    this->~Lease();
    new (this) Lease(std::move(other));
  }
  return *this;
}

Lease::~Lease() {
  if (held_ == nullptr) return;
  Release(std::uncaught_exceptions() > exceptions_ ? Result::kFailure
                                                   : Result::kSuccess);
}

const std::string& Lease::endpoint() const { return held_->endpoint; }

std::uint64_t Lease::fencing_token() const { return held_->fencing_token; }

bool Lease::overflow() const { return held_->overflow; }

Source Lease::source() const { return held_->source; }

bool Lease::lost() const { return held_->lost.load(std::memory_order_acquire); }

void Lease::OnLost(absl::AnyInvocable<void()> told) {
  session_->holds().OnLost(held_, std::move(told));
}

void Lease::Release(Result result) { session_->holds().Release(held_, result); }

Pool::Pool(std::shared_ptr<internal::Session> session, std::string name)
    : session_(std::move(session)), name_(std::move(name)) {}

absl::StatusOr<Lease> Pool::Acquire(const AcquireOptions& options) {
  if (absl::Status status = session_->line().MayBlock(); !status.ok()) {
    return status;
  }
  internal::Signal answered;
  absl::StatusOr<std::shared_ptr<internal::HeldLease>> held;
  session_->holds().Acquire(
      name_, options,
      [&](absl::StatusOr<std::shared_ptr<internal::HeldLease>> result) {
        held = std::move(result);
        answered.Notify();
      });
  answered.Wait();
  if (!held.ok()) return held.status();
  return Lease(session_, *std::move(held));
}

void Pool::AcquireAsync(const AcquireOptions& options, Callback done) {
  session_->holds().Acquire(
      name_, options,
      [session = session_, done = std::move(done)](
          absl::StatusOr<std::shared_ptr<internal::HeldLease>> held) mutable {
        if (held.ok()) {
          done(Lease(std::move(session), *std::move(held)));
        } else {
          done(held.status());
        }
      });
}

std::size_t Pool::pending() const { return session_->holds().Pending(); }

}  // namespace outrigger::client
