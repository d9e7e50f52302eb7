#include "health/probe/grpc_answers.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace outrigger::health {
namespace {

// Between two looks for answers: a server nearby answers within the first.
constexpr Duration kShortestPause = std::chrono::milliseconds(1);
constexpr Duration kLongestPause = std::chrono::milliseconds(20);

}  // namespace

GrpcAnswers::~GrpcAnswers() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) delete static_cast<GrpcCall*>(tag);
}

grpc::CompletionQueue& GrpcAnswers::QueueForCall() {
  ++under_way_;
  pause_ = kShortestPause;
  look_again_.Set(pause_);
  return queue_;
}

void GrpcAnswers::Look() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_.AsyncNext(&tag, &ok, gpr_inf_past(GPR_CLOCK_MONOTONIC)) ==
         grpc::CompletionQueue::GOT_EVENT) {
    --under_way_;
    const std::unique_ptr<GrpcCall> call(static_cast<GrpcCall*>(tag));
    call->OnAnswer();
  }
  if (under_way_ == 0) return;
  pause_ = std::min(2 * pause_, kLongestPause);
  look_again_.Set(pause_);
}

}  // namespace outrigger::health
