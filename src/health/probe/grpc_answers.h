// Fetches gRPC's answers on a loop's thread.
#ifndef OUTRIGGER_HEALTH_PROBE_GRPC_ANSWERS_H_
#define OUTRIGGER_HEALTH_PROBE_GRPC_ANSWERS_H_

#include <grpcpp/completion_queue.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "loop/timer.h"

namespace outrigger::health {

// A call under way, whose address is its tag; deleted once it is fetched.
class GrpcCall {
 public:
  virtual ~GrpcCall() = default;
  virtual void OnAnswer() = 0;
};

// It looks for answers now and then while calls are under way, and never waits
// for them: whoever waits on any queue of gRPC's (epoll1) takes its turn at
// reading all of the process' sockets, and would take requests out of the
// serving threads' hands. On the loop's thread.
class GrpcAnswers {
 public:
  explicit GrpcAnswers(Loop& loop) : look_again_(loop, [this] { Look(); }) {}
  // Waits for the calls under way; each must have been cancelled.
  ~GrpcAnswers();

  // For one call, which is about to begin.
  grpc::CompletionQueue& QueueForCall();

 private:
  void Look();

  grpc::CompletionQueue queue_;
  int under_way_ = 0;
  Duration pause_{};
  Timer look_again_;
};

}  // namespace outrigger::health

#endif  // OUTRIGGER_HEALTH_PROBE_GRPC_ANSWERS_H_
