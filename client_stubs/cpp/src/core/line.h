// What each part of a client needs to talk to the sidecar.
#ifndef OUTRIGGER_CLIENT_CORE_LINE_H_
#define OUTRIGGER_CLIENT_CORE_LINE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/activities.h"
#include "core/channel.h"
#include "core/instant.h"
#include "core/mistakes.h"
#include "core/signal.h"
#include "core/unary_calls.h"
#include "outrigger/options.h"

namespace outrigger::client::internal {

// Thread-safe; counted at each call.
struct PartCounters {
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> fallbacks{0};

  void Call() { calls.fetch_add(1, std::memory_order_relaxed); }
  void Fallback() { fallbacks.fetch_add(1, std::memory_order_relaxed); }
  PartStats Get() const {
    return {.calls = calls.load(std::memory_order_relaxed),
            .fallbacks = fallbacks.load(std::memory_order_relaxed)};
  }
};

// Thread-safe.
class Line {
 public:
  Line(Options options, std::shared_ptr<Channel> channel)
      : options_(std::move(options)),
        channel_(std::move(channel)),
        calls_(channel_->loop(), activities_) {}

  const Options& options() const { return options_; }
  Activities& activities() { return activities_; }
  UnaryCalls& calls() { return calls_; }

  // Only while something is under way.
  Channel& channel() { return *channel_; }
  Loop& loop() { return channel_->loop(); }

  // The caller's trace.
  Metadata Trace() const {
    Metadata metadata;
    if (options_.propagate) options_.propagate(metadata);
    return metadata;
  }

  // OK, or why this thread must not block now.
  absl::Status MayBlock() {
    if (activities_.closed()) return ClosedError();
    if (Loop::IsAnyThisThread()) {
      return absl::FailedPreconditionError(
          "a call that blocks, from a callback: use its Async form there");
    }
    return absl::OkStatus();
  }

  // Whether the caller is to see it: a mistake, or a call after the close. All
  // else means that the sidecar did not answer.
  static bool IsError(const absl::Status& status) {
    return IsMistake(status) ||
           (absl::IsCancelled(status) && status.message() == kClosed);
  }

  // A timer that is waited for when the client closes: it must run or be
  // cancelled. 0: all is closed, and `work` was destroyed.
  Loop::TimerId At(Instant when, absl::AnyInvocable<void()> work) {
    if (!activities_.Enter()) return 0;
    return loop().At(when, [this, work = std::move(work)]() mutable {
      work();
      activities_.Leave();
    });
  }

  // Whether it was kept from running. 0 is no timer.
  bool Cancel(Loop::TimerId timer) {
    if (timer == 0 || !loop().Cancel(timer)) return false;
    activities_.Leave();
    return true;
  }

  // A call with the caller's trace. `stub` is one of Channel's. On kCancelled
  // from a closed client `done` runs before this returns.
  template <class Stub, class Request, class Response>
  void Start(Stub& (Channel::*stub)(), Method<Stub, Request, Response> method,
             const Request& request, absl::Duration timeout,
             Done<Response> done) {
    if (!activities_.Enter()) {
      Response none;
      done(ClosedError(), none);
      return;
    }
    calls_.Start((*channel_.*stub)(), method, request, timeout, Trace(),
                 std::move(done));
    activities_.Leave();
  }

  // The same, and waits. OK: `response` was received.
  template <class Stub, class Request, class Response>
  absl::Status Ask(Stub& (Channel::*stub)(),
                   Method<Stub, Request, Response> method,
                   const Request& request, absl::Duration timeout,
                   Response& response) {
    if (absl::Status status = MayBlock(); !status.ok()) return status;
    Signal answered;
    absl::Status result;
    Start<Stub, Request, Response>(stub, method, request, timeout,
                                   [&](absl::Status status, Response& answer) {
                                     result = std::move(status);
                                     if (result.ok()) response.Swap(&answer);
                                     answered.Notify();
                                   });
    answered.Wait();
    return result;
  }

  // After all has ended.
  void Release() { channel_.reset(); }

 private:
  const Options options_;
  Activities activities_;
  std::shared_ptr<Channel> channel_;
  UnaryCalls calls_;
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CORE_LINE_H_
