// One pod that says to a pool store what it has and wants, and believes what it
// is answered.
#ifndef OUTRIGGER_TESTS_SUPPORT_POOL_CALLER_H_
#define OUTRIGGER_TESTS_SUPPORT_POOL_CALLER_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "store/pool_store.h"
#include "support/await.h"

namespace outrigger {

// For one pool. Not thread-safe.
class PoolCaller {
 public:
  // `store` must outlive it.
  PoolCaller(store::PoolStore& store, const std::string& pool,
             const std::string& pod)
      : store_(store) {
    request.pool = pool;
    request.pod = pod;
    request.lease_us = 60'000'000;
  }

  // What is sent next, but for `sequence`, which grows by itself, and
  // `last_token`.
  store::PoolRequest request;

  using Answer = absl::StatusOr<store::PoolReply>;

  // Sends `request` as it is.
  Answer Send() {
    store::PoolRequest copy = request;
    Answer answer = Await<Answer>(
        [&](auto done) { store_.Exchange(std::move(copy), std::move(done)); });
    if (answer.ok()) {
      request.held = answer->slots;
      request.last_token = answer->fence;
    }
    return answer;
  }
  // Keeps what it has, and has use for `need` in all.
  Answer Need(uint32_t need, uint32_t want = 0) {
    ++request.sequence;
    request.need = need;
    request.want = std::max(need, want);
    request.waited_us.clear();
    return Send();
  }
  // Keeps what it has; callers wait for so long.
  Answer Wait(std::vector<int64_t> waited_us) {
    ++request.sequence;
    request.need = request.held + static_cast<uint32_t>(waited_us.size());
    request.want = request.need;
    request.waited_us = std::move(waited_us);
    return Send();
  }
  // Gives so many back, of which it then has no need.
  Answer GiveBack(uint32_t slots) {
    request.held -= slots;
    return Need(request.held);
  }
  Answer Leave() {
    request.held = 0;
    request.leave = true;
    Answer answer = Need(0);
    request.leave = false;
    return answer;
  }

 private:
  store::PoolStore& store_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_POOL_CALLER_H_
