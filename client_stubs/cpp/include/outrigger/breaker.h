// Circuit breakers: whether to call a service, and how the calls went.
//
//   auto answer = payments.Call([&] { return PayWith(stub, order); });
//   if (auto denial = outrigger::client::DenialOf(answer.status())) { ... }
//
// States are told to the process as they change, and decisions are made in it;
// only probes and the first call ask the sidecar.
#ifndef OUTRIGGER_BREAKER_H_
#define OUTRIGGER_BREAKER_H_

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "outrigger/answer.h"

namespace outrigger::client {

namespace internal {
class Session;
class BreakerUse;
}  // namespace internal

// As in the proto, whose comments say what they mean.
enum class BreakerState {
  kUnspecified,
  kClosed,
  kOpen,
  kHalfOpen,
  kForcedOpen,
  kForcedClosed,
  kMetricsOnly,
};

enum class DenialReason {
  // Not known: the process was only told that the breaker is open.
  kUnspecified,
  kConsecutiveFailures,
  kFailureRate,
  kSlowCallRate,
  kProbesInUse,
  kRecovering,
  kForced,
  kProbeFailed,
};

// Why a call was denied.
struct Denial {
  BreakerState state = BreakerState::kUnspecified;
  DenialReason reason = DenialReason::kUnspecified;
  // When it may be worth asking again; zero if that is not known.
  absl::Duration retry_after = absl::ZeroDuration();
  // For people; may be empty.
  std::string message;
  Source source = Source::kSidecar;
};

// Set if `status` (kUnavailable) is a breaker's denial.
std::optional<Denial> DenialOf(const absl::Status& status);

// The usual classification. Cancelled: kIgnored. OK and what is the caller's
// doing (kInvalidArgument, kNotFound, kAlreadyExists, kPermissionDenied,
// kUnauthenticated, kFailedPrecondition, kOutOfRange): kSuccess. All else:
// kFailure.
Result Classify(const absl::Status& status);
// Below 500: kSuccess.
Result ClassifyHttp(int status);

// The right to make one call. Reports how it went exactly once: as it was told,
// or when it is destroyed, then kFailure if an exception is on its way and else
// kIgnored. Not thread-safe; may outlive its client.
class Permit {
 public:
  Permit(Permit&& other) noexcept = default;
  Permit& operator=(Permit&& other) noexcept;
  ~Permit();

  // From now on this does nothing.
  void Report(Result result);

  // Who allowed the call.
  Source source() const { return source_; }
  // One of the few calls that show whether the service works again.
  bool probe() const { return probe_; }

 private:
  friend class internal::BreakerUse;
  explicit Permit(std::shared_ptr<internal::BreakerUse> use)
      : use_(std::move(use)) {}

  std::shared_ptr<internal::BreakerUse> use_;  // null: it was reported
  std::uint64_t permit_ = 0;
  std::uint64_t generation_ = 0;
  std::chrono::steady_clock::time_point began_;
  Source source_ = Source::kSidecar;
  bool probe_ = false;
  int exceptions_ = 0;  // on their way when it was made
};

// What the process was told of a breaker.
struct BreakerView {
  // It was told, and that holds still.
  bool known = false;
  // The latest, although it may not hold any more.
  BreakerState state = BreakerState::kUnspecified;
  // The share of calls that may pass, 0 to 1.
  double admit_ratio = 0;
  std::uint64_t generation = 0;
};

// From Client::breaker(). Thread-safe; cheap to copy; may outlive its client.
//
// Errors: kUnavailable with a Denial: do not call. kInvalidArgument and
// kNotFound (not configured) are mistakes; kCancelled: the client is closed. A
// sidecar that is gone is no error: BreakerPolicy decides.
class Breaker {
 public:
  using Callback = absl::AnyInvocable<void(absl::StatusOr<Permit>)>;
  using StatusClassifier = std::function<Result(const absl::Status&)>;
  using ExceptionClassifier = std::function<Result(std::exception_ptr)>;

  explicit Breaker(std::shared_ptr<internal::BreakerUse> use);

  // May a call be made? Decided in the process, or blocks for at most the
  // client's timeout.
  absl::StatusOr<Permit> Acquire();

  // The same without blocking. `done` runs exactly once: before this returns,
  // or on the client's thread, where it must not block.
  void AcquireAsync(Callback done);

  // Makes the call, if it is allowed, and reports how it went. `body` returns
  // void, absl::Status, absl::StatusOr<T> or a T. The first two give a Status,
  // the others a StatusOr<T>: the body's, or the error of Acquire. What it
  // throws goes through.
  template <class Body>
  auto Call(Body&& body);

  // The same; if it is denied the answer is what `fallback(const Denial&)`
  // returns, which has the type of Call's answer or converts to it.
  template <class Body, class Fallback>
  auto Call(Body&& body, Fallback&& fallback);

  // The same breaker with another classification of what bodies return, or
  // throw (usually kFailure).
  Breaker WithClassifier(StatusClassifier classifier) const;
  Breaker WithExceptionClassifier(ExceptionClassifier classifier) const;

  BreakerView view();

  // Waits until all outcomes of this client so far were reported or given up.
  // From a callback it does nothing.
  void Flush();

 private:
  template <class Body>
  auto Run(Permit permit, Body&& body);

  std::shared_ptr<internal::BreakerUse> use_;
  StatusClassifier classify_ = [](const absl::Status& status) {
    return Classify(status);
  };
  ExceptionClassifier classify_exception_ = [](const std::exception_ptr&) {
    return Result::kFailure;
  };
};

namespace internal {

template <class T>
struct CallAnswer {
  using Type = absl::StatusOr<T>;
};
template <>
struct CallAnswer<void> {
  using Type = absl::Status;
};
template <>
struct CallAnswer<absl::Status> {
  using Type = absl::Status;
};
template <class T>
struct CallAnswer<absl::StatusOr<T>> {
  using Type = absl::StatusOr<T>;
};

inline absl::Status StatusOf(const absl::Status& status) { return status; }
template <class T>
absl::Status StatusOf(const absl::StatusOr<T>& answer) {
  return answer.status();
}

}  // namespace internal

template <class Body>
auto Breaker::Run(Permit permit, Body&& body) {
  using Returned = std::invoke_result_t<Body&>;
  using Answer = typename internal::CallAnswer<Returned>::Type;
  try {
    if constexpr (std::is_void_v<Returned>) {
      body();
      permit.Report(Result::kSuccess);
      return Answer();
    } else {
      Answer answer = body();
      permit.Report(classify_(internal::StatusOf(answer)));
      return answer;
    }
  } catch (...) {
    permit.Report(classify_exception_(std::current_exception()));
    throw;
  }
}

template <class Body>
auto Breaker::Call(Body&& body) {
  using Answer =
      typename internal::CallAnswer<std::invoke_result_t<Body&>>::Type;
  absl::StatusOr<Permit> permit = Acquire();
  if (!permit.ok()) return Answer(permit.status());
  return Run(*std::move(permit), body);
}

template <class Body, class Fallback>
auto Breaker::Call(Body&& body, Fallback&& fallback) {
  using Answer =
      typename internal::CallAnswer<std::invoke_result_t<Body&>>::Type;
  absl::StatusOr<Permit> permit = Acquire();
  if (permit.ok()) return Run(*std::move(permit), body);
  const std::optional<Denial> denial = DenialOf(permit.status());
  if (!denial) return Answer(permit.status());
  return Answer(fallback(*denial));
}

}  // namespace outrigger::client

#endif  // OUTRIGGER_BREAKER_H_
