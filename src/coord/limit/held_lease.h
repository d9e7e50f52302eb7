// Tokens that this pod holds on lease of one bucket.
//
// A pod holds tokens of at most two lease generations, because older ones have
// lapsed. What was spent of each is reported with the next request to the
// store; what has been reported cannot be put back here, only refunded to the
// store.
//
// A value; the caller locks. Times are the pod's microseconds.
#ifndef OUTRIGGER_COORD_LIMIT_HELD_LEASE_H_
#define OUTRIGGER_COORD_LIMIT_HELD_LEASE_H_

#include <array>
#include <cstdint>
#include <vector>

#include "store/limit_store.h"

namespace outrigger::coord {

class HeldLease {
 public:
  // From which grants a cost was paid, to undo it.
  struct Payment {
    struct Share {
      uint64_t generation = 0;
      double tokens = 0;
    };
    std::array<Share, 2> shares;
  };

  // Tokens that can be spent at `now_us`.
  double Left(int64_t now_us) const;

  // Takes `cost`, from what lapses first; false if there is less.
  bool Take(double cost, int64_t now_us, Payment* payment);

  // Undoes a Take. Returns the tokens that could not be put back, because their
  // spending has been reported: they must be refunded to the store.
  double Undo(const Payment& payment);

  // Puts back up to `tokens` of what was spent and not yet reported; returns
  // how much it took.
  double PutBack(double tokens, int64_t now_us);

  // A grant that may be spent until `expires_us`.
  void Add(uint64_t generation, double tokens, int64_t expires_us);

  // What was spent since the last report, and what has lapsed unspent; it
  // counts as reported from now on.
  std::vector<store::LeaseAccount> TakeAccounts(int64_t now_us);
  // The same, and gives back all that is left.
  std::vector<store::LeaseAccount> ReturnAll();

  // The time when the first tokens left lapse; INT64_MAX if there are none.
  int64_t ExpiresUs() const;
  // Nothing left and nothing to report.
  bool empty() const;

 private:
  struct Grant {
    uint64_t generation = 0;
    double left = 0;
    double spent = 0;  // and not reported
    int64_t expires_us = 0;
  };
  std::array<Grant, 2> grants_;  // the older first
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_LIMIT_HELD_LEASE_H_
