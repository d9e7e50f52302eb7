#include "rpc/breaker/watch.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "rpc/breaker/names.h"
#include "rpc/wire/times.h"

namespace outrigger::rpc {
namespace {

using breaker::v1::WatchRequest;
using breaker::v1::WatchResponse;
using coord::WatchedBreaker;
using Ticket = coord::Breakers::Ticket;

WatchResponse ResponseOf(const WatchedBreaker& watched) {
  WatchResponse response;
  response.set_breaker(watched.breaker);
  response.set_method(watched.method);
  response.set_state(StateOf(watched.state));
  response.set_generation(watched.generation);
  response.set_admit_ratio(watched.admit_ratio);
  SetTime(watched.valid_for, response.mutable_valid_for());
  SetTime(watched.retry_after, response.mutable_retry_after());
  response.set_reason(ReasonOf(watched.reason));
  response.set_message(watched.message);
  return response;
}

// The stream of a watch. The first states may come before the session's number,
// which they are sent with, is known. Thread-safe.
class WatchStream {
 public:
  explicit WatchStream(std::shared_ptr<OutStream<WatchResponse>> stream)
      : stream_(std::move(stream)) {}

  void Tell(const WatchedBreaker& watched) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    WatchResponse response = ResponseOf(watched);
    if (session_ == 0) {
      early_.push_back(std::move(response));
    } else {
      Send(std::move(response));
    }
  }

  void Begin(Ticket session) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    session_ = session;
    for (WatchResponse& response : early_) Send(std::move(response));
    early_.clear();
  }

 private:
  void Send(WatchResponse response) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    response.set_session(session_);
    stream_->Send(std::move(response));
  }

  const std::shared_ptr<OutStream<WatchResponse>> stream_;
  absl::Mutex mutex_;
  Ticket session_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<WatchResponse> early_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

void HandleWatch(coord::Breakers& breakers, const WatchRequest& request,
                 std::shared_ptr<OutStream<WatchResponse>> stream) {
  auto told = std::make_shared<WatchStream>(stream);
  const absl::StatusOr<Ticket> ticket = breakers.Watch(
      {request.breakers().begin(), request.breakers().end()},
      [told](const WatchedBreaker& watched) { told->Tell(watched); });
  if (!ticket.ok()) {
    stream->End(ticket.status());
    return;
  }
  told->Begin(*ticket);
  stream->OnClosed([&breakers, ticket = *ticket] { breakers.Unwatch(ticket); });
}

}  // namespace outrigger::rpc
