#include "coord/limit/held_lease.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "limit/token_bucket.h"

namespace outrigger::coord {

double HeldLease::Left(int64_t now_us) const {
  double left = 0;
  for (const Grant& grant : grants_) {
    if (now_us < grant.expires_us) left += grant.left;
  }
  return left;
}

bool HeldLease::Take(double cost, int64_t now_us, Payment* payment) {
  if (Left(now_us) + limit::kTokenEpsilon < cost) return false;
  *payment = Payment();
  for (size_t i = 0; i < grants_.size() && cost > 0; ++i) {
    Grant& grant = grants_[i];
    if (now_us >= grant.expires_us || grant.left <= 0) continue;
    const double taken = std::min(cost, grant.left);
    grant.left -= taken;
    grant.spent += taken;
    cost -= taken;
    payment->shares[i] = {grant.generation, taken};
  }
  return true;
}

double HeldLease::Undo(const Payment& payment) {
  double unmatched = 0;
  for (const Payment::Share& share : payment.shares) {
    double tokens = share.tokens;
    for (Grant& grant : grants_) {
      if (tokens <= 0 || grant.generation != share.generation) continue;
      const double back = std::min(tokens, grant.spent);
      grant.spent -= back;
      grant.left += back;
      tokens -= back;
    }
    unmatched += tokens;
  }
  return unmatched;
}

double HeldLease::PutBack(double tokens, int64_t now_us) {
  double taken = 0;
  for (auto grant = grants_.rbegin(); grant != grants_.rend(); ++grant) {
    if (now_us >= grant->expires_us) continue;
    const double back = std::min(tokens - taken, grant->spent);
    grant->spent -= back;
    grant->left += back;
    taken += back;
  }
  return taken;
}

void HeldLease::Add(uint64_t generation, double tokens, int64_t expires_us) {
  Grant& newest = grants_[1];
  if (newest.generation == generation) {
    // The earlier grant of a generation lapses first: keep to it for both.
    const bool held = newest.left > 0;
    newest.left += tokens;
    newest.expires_us =
        held ? std::min(newest.expires_us, expires_us) : expires_us;
    return;
  }
  grants_[0] = newest;
  newest = {generation, tokens, 0, expires_us};
}

std::vector<store::LeaseAccount> HeldLease::TakeAccounts(int64_t now_us) {
  std::vector<store::LeaseAccount> accounts;
  for (Grant& grant : grants_) {
    // What lapsed here is never spent. Where it has lapsed for the store too,
    // the store ignores its return; a window takes it.
    const double lapsed =
        now_us < grant.expires_us ? 0 : std::exchange(grant.left, 0);
    if (grant.spent > 0 || lapsed > 0) {
      accounts.push_back({grant.generation, grant.spent, lapsed});
    }
    grant.spent = 0;
  }
  return accounts;
}

std::vector<store::LeaseAccount> HeldLease::ReturnAll() {
  std::vector<store::LeaseAccount> accounts;
  for (Grant& grant : grants_) {
    if (grant.spent > 0 || grant.left > 0) {
      accounts.push_back({grant.generation, grant.spent, grant.left});
    }
    grant = Grant();
  }
  return accounts;
}

int64_t HeldLease::ExpiresUs() const {
  int64_t first = std::numeric_limits<int64_t>::max();
  for (const Grant& grant : grants_) {
    if (grant.left > 0) first = std::min(first, grant.expires_us);
  }
  return first;
}

bool HeldLease::empty() const {
  return grants_[0].left <= 0 && grants_[0].spent <= 0 &&
         grants_[1].left <= 0 && grants_[1].spent <= 0;
}

}  // namespace outrigger::coord
