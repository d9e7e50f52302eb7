// One Allow under way.
#ifndef OUTRIGGER_CLIENT_LIMIT_QUESTION_H_
#define OUTRIGGER_CLIENT_LIMIT_QUESTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "core/instant.h"
#include "core/loop.h"
#include "core/signal.h"
#include "outrigger/ratelimit/v1/rate_limiter.pb.h"

namespace outrigger::client::internal {

// The answer to one of a message's questions; the message is shared.
struct Reply {
  absl::Status status;
  std::shared_ptr<const ratelimit::v1::AllowStreamResponse> message;
  int index = 0;

  const ratelimit::v1::AllowResponse& response() const {
    return message->responses(index);
  }
};

struct Question {
  // Constant after construction.
  std::string bytes;  // an AllowRequest
  Instant deadline;
  // If set it gets the reply; else `answered` tells of it.
  absl::AnyInvocable<void(const Reply&)> done;

  // Protected by AllowStream's mutex.
  enum class State { kQueued, kSent, kOver };
  State state = State::kQueued;
  // It must go alone: another question of its message was a mistake.
  bool alone = false;
  std::uint64_t message = 0;  // while kSent
  Loop::TimerId timer = 0;

  // Written before `answered`, or before `done` runs.
  Reply reply;
  Signal answered;
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_LIMIT_QUESTION_H_
