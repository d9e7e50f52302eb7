#include "rpc/ratelimit/allow_batch.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "rpc/core/batch.h"
#include "rpc/ratelimit/allow_wire.h"
#include "rpc/ratelimit/validate.h"

namespace outrigger::rpc {
namespace {

using coord::AllowAnswer;
using coord::AllowQuery;

// Counts what a trace tells of a batch.
class BatchTally {
 public:
  void Add(const AllowAnswer& answer) {
    if (!answer.allowed) ++denied_;
    degraded_ |= answer.degraded;
  }

  void Describe(size_t requests, telemetry::ActiveSpan& span) const {
    if (denied_ > 0 || degraded_) span.KeepNotable();
    span.Set("outrigger.allow.requests", static_cast<int64_t>(requests));
    span.Set("outrigger.allow.denied", denied_);
    span.Set("outrigger.degraded", degraded_);
  }

 private:
  int64_t denied_ = 0;
  bool degraded_ = false;
};

// A batch of which some questions are parked. Kept alive by them.
class ParkedBatch {
 public:
  // `answered`: the response so far, with the answers of all questions before
  // the first parked one.
  ParkedBatch(coord::Limiter& limiter, size_t questions, int response_field,
              std::string answered, BatchTally tally,
              Completion<grpc::ByteBuffer> completion, BatchDone done)
      : limiter_(limiter),
        response_field_(response_field),
        response_(std::move(answered)),
        tally_(tally),
        answers_(questions),
        completion_(std::move(completion)),
        done_(std::move(done)) {}

  // Serving thread, once, before anything is parked.
  static void WatchClient(const std::shared_ptr<ParkedBatch>& batch) {
    batch->completion_.OnClientGone([batch] {
      for (const coord::Limiter::Ticket ticket : batch->tickets_) {
        batch->limiter_.Cancel(ticket);
      }
    });
  }

  // Serving thread.
  static void Park(const std::shared_ptr<ParkedBatch>& batch, size_t index,
                   const AllowQuery& query) {
    batch->tickets_.push_back(batch->limiter_.AllowLater(
        query, [batch, index](const absl::StatusOr<AllowAnswer>& answer) {
          batch->Answer(index, answer);
        }));
  }

  // The answer of a question that was Expected.
  void Answer(size_t index, const absl::StatusOr<AllowAnswer>& answer)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      absl::MutexLock lock(&mutex_);
      if (answer.ok()) {
        tally_.Add(*answer);
        AppendAllowResponseField(response_field_, *answer, &answers_[index]);
      } else {
        status_.Update(answer.status());
      }
      if (--left_ > 0) return;
    }
    Conclude();
  }

  // One more answer to wait for.
  void Expect() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    ++left_;
  }

  // All have been asked.
  void Release() ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      absl::MutexLock lock(&mutex_);
      if (--left_ > 0) return;
    }
    Conclude();
  }

 private:
  void Conclude() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::StatusOr<std::string> result = std::string();
    {
      absl::MutexLock lock(&mutex_);
      if (status_.ok()) {
        tally_.Describe(answers_.size(), completion_.span());
        for (const std::string& answer : answers_) response_ += answer;
        result = std::move(response_);
      } else {
        result = status_;
      }
    }
    done_(std::move(result), std::move(completion_));
  }

  coord::Limiter& limiter_;
  const int response_field_;
  std::vector<coord::Limiter::Ticket> tickets_;  // of the serving thread

  absl::Mutex mutex_;
  int left_ ABSL_GUARDED_BY(mutex_) = 1;  // Release's
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::string response_ ABSL_GUARDED_BY(mutex_);
  BatchTally tally_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> answers_ ABSL_GUARDED_BY(mutex_);

  Completion<grpc::ByteBuffer> completion_;
  BatchDone done_;
};

// Reads and checks all requests; the queries view `fields`.
absl::Status MakeQueries(absl::Span<const absl::string_view> requests,
                         const coord::Limiter& limiter,
                         std::vector<AllowFields>& fields,
                         std::vector<AllowQuery>& queries) {
  absl::Status size = CheckBatchSize(requests.size());
  if (!size.ok()) return size;
  fields.resize(requests.size());
  queries.resize(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    if (!ReadAllowRequest(requests[i], &fields[i])) {
      return absl::InvalidArgumentError(
          absl::StrCat("requests[", i, "]: not a valid AllowRequest"));
    }
    const absl::Status status = MakeQuery(fields[i], &queries[i]);
    if (!status.ok()) return InBatch(i, status);
    if (!fields[i].limit.empty() && !limiter.HasLimit(fields[i].limit)) {
      return absl::NotFoundError(absl::StrCat("requests[", i,
                                              "].limit: there is no limit "
                                              "named ",
                                              fields[i].limit));
    }
  }
  return absl::OkStatus();
}

}  // namespace

void DecideBatch(coord::Limiter& limiter, const Clock& clock,
                 absl::Span<const absl::string_view> requests,
                 int response_field, std::string response,
                 Completion<grpc::ByteBuffer> completion, BatchDone done) {
  std::vector<AllowFields> fields;
  std::vector<AllowQuery> queries;
  absl::Status status = MakeQueries(requests, limiter, fields, queries);
  if (!status.ok()) return done(std::move(status), std::move(completion));

  const MonotonicTime deadline = completion.deadline();
  std::shared_ptr<ParkedBatch> parked;
  BatchTally tally;
  for (size_t i = 0; i < queries.size(); ++i) {
    BoundWait(deadline, clock, &queries[i]);
    AllowAnswer answer;
    const bool now = limiter.AllowNow(queries[i], &answer, &status);
    if (!now && parked == nullptr) {
      parked = std::make_shared<ParkedBatch>(
          limiter, queries.size(), response_field, std::move(response), tally,
          std::move(completion), std::move(done));
      ParkedBatch::WatchClient(parked);
    }
    if (parked == nullptr) {
      if (!status.ok()) {
        return done(InBatch(i, status), std::move(completion));
      }
      tally.Add(answer);
      AppendAllowResponseField(response_field, answer, &response);
      continue;
    }
    parked->Expect();
    if (!now) {
      ParkedBatch::Park(parked, i, queries[i]);
    } else if (status.ok()) {
      parked->Answer(i, std::move(answer));
    } else {
      parked->Answer(i, InBatch(i, status));
    }
  }
  if (parked == nullptr) {
    tally.Describe(queries.size(), completion.span());
    done(std::move(response), std::move(completion));
  } else {
    parked->Release();
  }
}

}  // namespace outrigger::rpc
