#include "store/memory/pool_ledger.h"

#include <algorithm>

#include "absl/status/status.h"

namespace outrigger::store {

absl::StatusOr<PoolReply> PoolLedger::Exchange(
    const PoolRequest& request, int64_t now_us,
    std::vector<std::string>* called) {
  Purge(now_us);
  const auto known = pods_.find(request.pod);
  if (known != pods_.end() && request.sequence <= known->second.sequence) {
    return absl::AbortedError("a later request came before");
  }
  fence_ = std::max(
      {static_cast<uint64_t>(now_us), fence_ + 1, request.last_token + 1});
  PoolReply reply;
  reply.fence = fence_;
  if (learning(now_us)) reply.learning_for_us = learning_until_us_ - now_us;
  Pod* pod = nullptr;
  if (request.leave) {
    if (known != pods_.end()) Remove(known);
  } else {
    pod = &Enter(request, now_us);
  }
  if (!pods_.empty()) {
    if (one_by_one()) {
      hungry_.clear();
      wanting_.clear();
      TakeBackMail(now_us);
      if (!learning(now_us)) GiveInTurn(request.pod, now_us, called);
      if (free() == 0) Reckon(request.pod, now_us, called);
    } else {
      if (pod != nullptr) GiveFairly(request, *pod, now_us, called);
      if (!learning(now_us) && free() > 0) CallNext(request.pod, called);
    }
    reply.squeezed = squeezed();
    reply.one_by_one = one_by_one();
    reply.target = TargetNow();
  }
  if (pod != nullptr) {
    reply.slots = pod->held;
    const uint32_t above =
        total_ > request.overflow_above ? total_ - request.overflow_above : 0;
    reply.overflow = std::min(pod->held, above);
    pod->told_squeezed = reply.squeezed;
    pod->told_target = reply.target;
  }
  reply.fleet_slots = total_;
  reply.fleet_need =
      static_cast<uint32_t>(std::min<uint64_t>(need_, kNoPoolTarget));
  reply.pods = static_cast<uint32_t>(pods_.size());
  return reply;
}

void PoolLedger::Forget(int64_t learning_until_us) {
  const uint64_t fence = fence_;
  *this = PoolLedger();
  fence_ = fence;
  learning_until_us_ = learning_until_us;
}

void PoolLedger::Purge(int64_t now_us) {
  for (auto it = pods_.begin(); it != pods_.end();) {
    const auto pod = it++;
    if (pod->second.expires_us <= now_us) Remove(pod);
  }
}

void PoolLedger::Remove(Pods::iterator pod) {
  total_ -= pod->second.slots();
  need_ -= pod->second.need;
  caps_.erase(caps_.find(pod->second.cap));
  hungry_.erase(pod->first);
  wanting_.erase(pod->first);
  pods_.erase(pod);
}

// A pod that is not known has nothing (its lease has passed), unless the store
// has just forgotten everybody. What it says it keeps is never more than what
// it was given, but less if an answer was lost.
PoolLedger::Pod& PoolLedger::Enter(const PoolRequest& request, int64_t now_us) {
  const auto [it, is_new] = pods_.try_emplace(request.pod);
  Pod& pod = it->second;
  if (!is_new) caps_.erase(caps_.find(pod.cap));
  caps_.insert(request.cap);
  pod.cap = request.cap;
  pod.sequence = request.sequence;
  pod.expires_us = now_us + request.lease_us + kPoolLeaseMarginUs;
  const uint32_t believed = is_new && learning(now_us)
                                ? request.held
                                : std::min(request.held, pod.held);
  total_ -= pod.slots();
  pod.held = believed + pod.mail;
  total_ += pod.held;
  // Those who wait longest have got the mail, which the pod did not know.
  const size_t served = std::min<size_t>(pod.mail, request.waited_us.size());
  pod.mail = 0;
  pod.waiters.clear();
  for (size_t i = served; i < request.waited_us.size(); ++i) {
    pod.waiters.push_back(now_us - request.waited_us[i]);
  }
  SetNeed(pod, request.need);
  return pod;
}

void PoolLedger::SetNeed(Pod& pod, uint32_t need) {
  need_ -= pod.need;
  need_ += need;
  pod.need = need;
}

// It has not asked since, so it may have stopped; if not, it will list anew who
// waits there.
void PoolLedger::TakeBackMail(int64_t now_us) {
  for (auto& [name, pod] : pods_) {
    if (pod.mail == 0 || now_us - pod.mail_at_us < kPoolMailKeptUs) continue;
    total_ -= pod.mail;
    pod.mail = 0;
    pod.waiters.clear();
  }
}

void PoolLedger::GiveInTurn(const std::string& asker, int64_t now_us,
                            std::vector<std::string>* called) {
  while (free() > 0) {
    auto first = pods_.end();
    for (auto it = pods_.begin(); it != pods_.end(); ++it) {
      if (it->second.waiters.empty()) continue;
      if (first == pods_.end() ||
          it->second.waiters.front() < first->second.waiters.front()) {
        first = it;
      }
    }
    if (first == pods_.end()) return;
    Pod& pod = first->second;
    pod.waiters.erase(pod.waiters.begin());
    ++total_;
    if (first->first == asker) {
      ++pod.held;
      continue;
    }
    if (pod.mail == 0) {
      pod.mail_at_us = now_us;
      called->push_back(first->first);
    }
    ++pod.mail;
  }
}

void PoolLedger::GiveFairly(const PoolRequest& request, Pod& pod,
                            int64_t now_us, std::vector<std::string>* called) {
  hungry_.erase(request.pod);
  wanting_.erase(request.pod);
  const bool scarce = need_ > cap();
  if (!scarce) {
    share_ = kNoPoolTarget;
  } else if (share_ == kNoPoolTarget) {
    share_ = FairShare();
  }
  const auto give = [&](uint32_t up_to) {
    if (learning(now_us) || up_to <= pod.held) return;
    const uint32_t given = std::min(up_to - pod.held, free());
    pod.held += given;
    total_ += given;
  };
  const uint32_t fair = std::min(request.need, share_);
  give(fair);
  if (pod.held < fair) {
    hungry_[request.pod] = ++turns_;
    Reckon(request.pod, now_us, called);
    return;
  }
  // What does not go into equal shares.
  if (scarce && hungry_.empty() && request.need > share_) give(share_ + 1);
  if (!squeezed()) give(request.want);
  if (pod.held < request.need) wanting_[request.pod] = ++turns_;
  if (scarce) Reckon(request.pod, now_us, called);
}

void PoolLedger::Reckon(const std::string& asker, int64_t now_us,
                        std::vector<std::string>* called) {
  if (now_us - share_at_us_ < kPoolShareEveryUs) return;
  share_at_us_ = now_us;
  if (!one_by_one() && need_ > cap()) share_ = FairShare();
  CallDonors(asker, called);
}

// By halving, since the sum grows with the share.
uint32_t PoolLedger::FairShare() const {
  uint32_t low = 0, high = cap();
  while (low < high) {
    const uint32_t middle = low + (high - low + 1) / 2;
    uint64_t sum = 0;
    for (const auto& [name, pod] : pods_) sum += std::min(pod.need, middle);
    if (sum <= cap()) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

uint32_t PoolLedger::TargetNow() const {
  if (one_by_one()) return 0;
  if (need_ <= cap() || share_ == kNoPoolTarget) return kNoPoolTarget;
  // The cap was larger once: all that is released goes.
  const bool strict = !hungry_.empty() || total_ > cap();
  return strict ? share_ : share_ + 1;
}

// Those who do not know that others are in want, or how much they may keep. Who
// is called, and does not hear, learns it at its next request.
void PoolLedger::CallDonors(const std::string& asker,
                            std::vector<std::string>* called) {
  const uint32_t target = TargetNow();
  for (auto& [name, pod] : pods_) {
    if (name == asker || pod.held == 0) continue;
    if (pod.told_squeezed &&
        (pod.held <= target || pod.told_target <= target)) {
      continue;
    }
    pod.told_squeezed = true;
    pod.told_target = target;
    called->push_back(name);
  }
}

void PoolLedger::CallNext(const std::string& asker,
                          std::vector<std::string>* called) {
  for (auto* those : {&hungry_, &wanting_}) {
    auto first = those->end();
    for (auto it = those->begin(); it != those->end(); ++it) {
      if (it->first == asker) continue;
      if (first == those->end() || it->second < first->second) first = it;
    }
    if (first == those->end()) continue;
    called->push_back(first->first);
    those->erase(first);
    return;
  }
}

}  // namespace outrigger::store
