// A question that could not be answered at once: it waits for the store, or for
// its tokens to come due.
#ifndef OUTRIGGER_COORD_LIMIT_QUESTION_H_
#define OUTRIGGER_COORD_LIMIT_QUESTION_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "coord/limit/lease_keeper.h"
#include "coord/limit/limit_set.h"
#include "coord/limit/limiter.h"
#include "coord/limit/part.h"
#include "coord/limit/pod.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::coord {

// What an answer says of one part.
LimitAnswer DescribePart(const Part& part);
// Puts the parts' verdicts together, and counts them. `local`: no store was
// asked.
void ConcludeAnswer(const Parts& parts, bool detail, bool local,
                    AllowAnswer* answer);

class Question {
 public:
  std::shared_ptr<const LimitSet> limits;  // keeps what parts point to
  Parts parts;
  std::vector<std::string> bucket_names;  // one for each part
  uint64_t cost = 1;
  int64_t max_wait_us = 0;
  bool detail = false;
  bool denied = false;  // what is still missing is only for `detail`
  uint64_t ticket = 0;
  // What asks; the store's work belongs to it. Invalid: not traced.
  telemetry::SpanContext span;
  Limiter::AllowDone done;

 private:
  friend class Questions;
  // Answers that are still to come before the question can go on.
  std::atomic<int> pending{0};
  std::atomic<bool> store_lost{false};
  absl::Mutex mutex;
  // The asker has its answer, or has gone.
  bool answered ABSL_GUARDED_BY(mutex) = false;
  // Set while the tokens are reserved and not yet due.
  Executor::TimerId timer ABSL_GUARDED_BY(mutex) = 0;
};

// The parked questions. Thread-safe.
class Questions {
 public:
  // References must outlive this.
  Questions(Pod& pod, LimitSets& limits, LeaseKeeper& keeper, size_t max_parked,
            telemetry::Counter& refused)
      : pod_(pod),
        limits_(limits),
        keeper_(keeper),
        max_parked_(max_parked),
        refused_(refused) {}

  // Takes the question on and answers it when it can. Returns its ticket.
  uint64_t Park(std::shared_ptr<Question> question) ABSL_LOCKS_EXCLUDED(mutex_);

  // The asker has gone: see Limiter::Cancel.
  void Cancel(uint64_t ticket) ABSL_LOCKS_EXCLUDED(mutex_);

  // An answer that the question waited for has come.
  void Resume(std::shared_ptr<Question> question, bool reached);

  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Shared = std::shared_ptr<Question>;

  // One round: decides all parts here; asks the store for what is missing.
  void GoOn(Shared question);
  // Decides what can be decided here, and lists the parts that are missing.
  // False if the question was refused.
  bool DecideParts(const Shared& question, std::vector<size_t>& leases,
                   std::vector<size_t>& exact);
  void AskForLeases(const Shared& question, const std::vector<size_t>& parts);
  void AskStore(const Shared& question, std::vector<size_t> parts);
  void OnTake(const Shared& question, const std::vector<size_t>& parts,
              const absl::StatusOr<store::TakeReply>& reply);
  // The store cannot be asked for these parts: their loss policy decides.
  void DecideLost(const Shared& question, const std::vector<size_t>& parts);
  void Refuse(const Shared& question);
  void Settle(const Shared& question);
  void GiveAllBack(const Shared& question);
  void Answer(const Shared& question, absl::StatusOr<AllowAnswer> answer);
  void RecordWaits(const Shared& question, const AllowAnswer& answer);

  Pod& pod_;
  LimitSets& limits_;
  LeaseKeeper& keeper_;
  const size_t max_parked_;
  telemetry::Counter& refused_;
  mutable absl::Mutex mutex_;
  uint64_t last_ticket_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<uint64_t, Shared> parked_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_LIMIT_QUESTION_H_
