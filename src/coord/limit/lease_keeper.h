// Asks the store for leases, gives back what is not used, and keeps house.
#ifndef OUTRIGGER_COORD_LIMIT_LEASE_KEEPER_H_
#define OUTRIGGER_COORD_LIMIT_LEASE_KEEPER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "coord/limit/part.h"
#include "coord/limit/pod.h"

namespace outrigger::coord {

// A question that waits for the store's answers. The limiter's (question.h).
class Question;

// Thread-safe. One request per key is under way at a time; questions that come
// meanwhile wait for it with the one that asked.
class LeaseKeeper {
 public:
  // `resume` is called for each question that an answer concerns, on whatever
  // thread the answer came; `reached` says whether there was an answer.
  using Resume =
      absl::AnyInvocable<void(std::shared_ptr<Question>, bool reached) const>;

  // `pod` must outlive this and all its requests; pod.store is not null.
  LeaseKeeper(Pod& pod, Resume resume)
      : pod_(pod), resume_(std::move(resume)) {}

  // Asks for `cost` tokens now and for the demand to come. `question` may be
  // null: nobody waits. `bucket_name` is used if the key is not busy yet.
  // Returns false if the key table is full; `question` is then not resumed.
  bool AskFor(const Part& part, double cost, std::string bucket_name,
              std::shared_ptr<Question> question);

  // Asks for more for a lease that runs low, if nobody does already.
  void Renew(const Part& part);

  // Gives back leases that idle or are about to lapse, and forgets keys that
  // are as good as new; some at each call. Call about every 100 ms.
  void Tidy(const LimitSet& limits);

  // Gives all leases back; `done` runs when the store has answered for all.
  void ReturnAll(absl::AnyInvocable<void()> done);

 private:
  struct Asking {
    KeyHash hash;
    uint16_t limit_id = 0;
    LimitState* limit = nullptr;
    store::LeaseRequest request;
    int64_t sent_us = 0;
  };

  // Fills in a request for at least `min` tokens. REQUIRES: key.busy is set.
  Asking Prepare(KeyState& key, double min, int64_t now_us) const;
  void Send(Asking asking, LimitState* limit);
  void OnReply(const Asking& asking,
               const absl::StatusOr<store::LeaseReply>& reply);
  void Apply(const Asking& asking, const store::LeaseReply& reply,
             KeyState& key, int64_t now_us) const;
  bool TidyBusy(KeyState& key, int64_t now_us,
                std::vector<store::LeaseRequest>& returns) const;

  Pod& pod_;
  const Resume resume_;
  std::atomic<size_t> tidy_shard_{0};
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_LIMIT_LEASE_KEEPER_H_
