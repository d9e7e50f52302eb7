// Who holds what together: Hold's streams, and the leases that end with them.
#ifndef OUTRIGGER_COORD_POOL_SESSIONS_H_
#define OUTRIGGER_COORD_POOL_SESSIONS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "coord/pool/pools.h"

namespace outrigger::coord {

// Thread-safe.
class Sessions {
 public:
  explicit Sessions(size_t most) : most_(most) {}

  // kResourceExhausted: there are `most`.
  absl::StatusOr<Pools::Session> Open(Pools::Lost lost)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // What a session held and waited for.
  struct Belongings {
    std::vector<uint64_t> leases;
    std::vector<Pools::Ticket> waits;
  };
  // Waits for a call of its `lost` that runs.
  Belongings Close(Pools::Session session) ABSL_LOCKS_EXCLUDED(mutex_);

  // False: it is closed; then what was to belong to it must end.
  bool AddLease(Pools::Session session, uint64_t lease_id)
      ABSL_LOCKS_EXCLUDED(mutex_);
  bool AddWait(Pools::Session session, Pools::Ticket ticket)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void RemoveLease(Pools::Session session, uint64_t lease_id)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void RemoveWait(Pools::Session session, Pools::Ticket ticket)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Tells the session, if it is open.
  void Lose(Pools::Session session, uint64_t lease_id)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct State {
    absl::Mutex telling;
    Pools::Lost lost ABSL_GUARDED_BY(telling);  // null: closed
    absl::flat_hash_set<uint64_t> leases;
    absl::flat_hash_set<Pools::Ticket> waits;
  };

  const size_t most_;
  absl::Mutex mutex_;
  Pools::Session last_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<Pools::Session, std::shared_ptr<State>> open_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_POOL_SESSIONS_H_
