// Who has which slots of one pool, and who is in want: the model that the Redis
// script is compared with. The same steps in the same order are in
// redis/scripts/pool_exchange.lua.
#ifndef OUTRIGGER_STORE_MEMORY_POOL_LEDGER_H_
#define OUTRIGGER_STORE_MEMORY_POOL_LEDGER_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "store/pool_store.h"

namespace outrigger::store {

// Not thread-safe. Ordered containers, so that equal histories have equal
// outcomes.
class PoolLedger {
 public:
  // `request` is not checked. `called` gets the pods that should ask again (not
  // the asker).
  absl::StatusOr<PoolReply> Exchange(const PoolRequest& request, int64_t now_us,
                                     std::vector<std::string>* called);

  // All is forgotten: until then pods are believed, and nobody is given
  // anything.
  void Forget(int64_t learning_until_us);

 private:
  struct Pod {
    uint64_t sequence = 0;
    uint32_t held = 0;
    // Given while it did not ask, and not known to it.
    uint32_t mail = 0;
    int64_t mail_at_us = 0;
    uint32_t need = 0;
    uint32_t cap = 0;
    int64_t expires_us = 0;
    // When each of those who wait there came; the earliest first.
    std::vector<int64_t> waiters;
    // What it was told last; false, kNoPoolTarget: nothing.
    bool told_squeezed = false;
    uint32_t told_target = kNoPoolTarget;

    uint32_t slots() const { return held + mail; }
  };
  using Pods = std::map<std::string, Pod>;

  bool learning(int64_t now_us) const { return now_us < learning_until_us_; }
  bool one_by_one() const { return cap() < 2 * pods_.size(); }
  uint32_t cap() const { return *caps_.begin(); }
  uint32_t free() const { return total_ < cap() ? cap() - total_ : 0; }

  void Purge(int64_t now_us);
  void Remove(Pods::iterator pod);
  // The pod's own numbers, as it says they are.
  Pod& Enter(const PoolRequest& request, int64_t now_us);
  void SetNeed(Pod& pod, uint32_t need);
  // Takes back what was given to pods that do not ask.
  void TakeBackMail(int64_t now_us);
  void GiveInTurn(const std::string& asker, int64_t now_us,
                  std::vector<std::string>* called);
  void GiveFairly(const PoolRequest& request, Pod& pod, int64_t now_us,
                  std::vector<std::string>* called);
  // Reckons the fair share, and calls those who have more to give, at most each
  // kPoolShareEveryUs.
  void Reckon(const std::string& asker, int64_t now_us,
              std::vector<std::string>* called);
  uint32_t FairShare() const;
  void CallDonors(const std::string& asker, std::vector<std::string>* called);
  // Something is free: the hungriest may ask, or else one who wants more.
  void CallNext(const std::string& asker, std::vector<std::string>* called);
  uint32_t TargetNow() const;
  bool squeezed() const {
    return one_by_one() || need_ > cap() || total_ > cap() || !hungry_.empty();
  }

  Pods pods_;
  std::multiset<uint32_t> caps_;  // of the pods
  uint32_t total_ = 0;            // sum of slots()
  uint64_t need_ = 0;             // sum of need
  uint64_t fence_ = 0;
  uint32_t share_ = kNoPoolTarget;
  int64_t share_at_us_ = 0;
  int64_t learning_until_us_ = 0;
  // In blocks: who has less than its fair share of its need, and who has that
  // but less than its need; by their turns.
  uint64_t turns_ = 0;
  std::map<std::string, uint64_t> hungry_;
  std::map<std::string, uint64_t> wanting_;
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_STORE_MEMORY_POOL_LEDGER_H_
