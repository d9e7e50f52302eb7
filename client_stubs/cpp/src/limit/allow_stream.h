// Questions of callers at the same time, as messages of one AllowStream.
#ifndef OUTRIGGER_CLIENT_LIMIT_ALLOW_STREAM_H_
#define OUTRIGGER_CLIENT_LIMIT_ALLOW_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "core/line.h"
#include "core/stream.h"
#include "limit/question.h"

namespace outrigger::client::internal {

// Whoever asks and finds no message being written writes one at once, with all
// that has gathered; what gathers meanwhile goes with the next. Thread-safe.
class AllowStream final
    : private Stream<ratelimit::v1::AllowStreamResponse>::Owner {
 public:
  explicit AllowStream(Line& line) : line_(line) {}

  // Gets a reply, or an error, exactly once: by its deadline if it has `done`,
  // else by GiveUp's. The line's activities were entered.
  void Ask(const std::shared_ptr<Question>& question)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Its caller waits no more. False: it was answered just now.
  bool GiveUp(Question& question) ABSL_LOCKS_EXCLUDED(mutex_);

  // All under way get kUnavailable, soon.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

  // Questions that are kept, queued or sent. For tests.
  std::size_t Pending() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Wire = Stream<ratelimit::v1::AllowStreamResponse>;
  using Questions = std::vector<std::shared_ptr<Question>>;
  struct Sent {
    Questions questions;
    std::size_t open = 0;  // of those, the ones that are not over
  };

  void OnWritable(Wire& stream) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnMessage(Wire& stream,
                 ratelimit::v1::AllowStreamResponse& message) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void OnEnded(Wire& stream, const absl::Status& status) override
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Opens the stream if there is none. False: all is closed.
  bool Connect() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Writes what has gathered, if there is something. The caller has set
  // `writing_` when `epoch` was the stream's.
  void Flush(std::uint64_t epoch) ABSL_LOCKS_EXCLUDED(mutex_);
  // Takes the next message's questions off the queue.
  Questions NextMessage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Marks it, and keeps nothing of it.
  void Over(Question& question) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Removes from the queue's front what is over.
  void DropOver() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::uint64_t Epoch() ABSL_LOCKS_EXCLUDED(mutex_);
  // Of a question with `done`: it gives up by itself.
  void SetDeadline(const std::shared_ptr<Question>& question)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // After a mistake in a message of many: each is asked again, alone.
  void AskAlone(Questions questions) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Tells who asked. `questions` were Over just now.
  void Answer(const Questions& questions) ABSL_LOCKS_EXCLUDED(mutex_);

  Line& line_;

  absl::Mutex mutex_;
  Wire* stream_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::uint64_t epoch_ ABSL_GUARDED_BY(mutex_) = 0;  // streams that have ended
  // The stream has not begun, or a message is being written.
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::shared_ptr<Question>> queue_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t last_message_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::uint64_t, Sent> sent_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_LIMIT_ALLOW_STREAM_H_
