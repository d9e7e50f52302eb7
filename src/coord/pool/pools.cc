#include "coord/pool/pools.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "coord/gather.h"
#include "coord/pool/sessions.h"
#include "coord/pool/slot_pool.h"
#include "telemetry/log.h"
#include "telemetry/pool_metrics.h"

namespace outrigger::coord {
namespace {

constexpr Duration kLongestWait = std::chrono::hours(1);

// The pools that there are. Immutable; replaced by an update.
struct PoolTable {
  absl::flat_hash_map<std::string, SlotPool*> by_name;  // those configured
  std::vector<SlotPool*> in_order;                      // the same
  std::vector<SlotPool*> by_number;  // from 1; all that ever were
};

}  // namespace

class Pools::Rep final : public store::PoolListener {
 public:
  Rep(Settings settings, const Clock& clock, Executor& executor,
      RandomSource& random, telemetry::Registry& registry,
      store::PoolStore& store)
      : log_("pool", clock),
        sessions_(settings.max_sessions),
        sessions_refused_(registry.GetCounter(telemetry::kPoolRefused,
                                              {{"bound", "sessions"}})),
        context_{clock,
                 executor,
                 random,
                 registry,
                 store,
                 sessions_,
                 log_,
                 settings.pod.empty() ? absl::StrFormat("%016x", random.Next())
                                      : std::move(settings.pod)} {
    tables_.push_back(std::make_unique<PoolTable>());
    table_.store(tables_.back().get());
    observation_ = registry.Observe([this](telemetry::Observations& seen) {
      for (const SlotPool* pool : table().in_order) pool->Observe(seen);
    });
  }

  // The store's listener from the first call on. Not two calls at once.
  void Listen() {
    if (!std::exchange(listening_, true)) {
      context_.store.Listen(context_.pod, this);
    }
  }
  void Update(std::vector<pool::PoolOptions> options)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const PoolTable& table() const {
    return *table_.load(std::memory_order_acquire);
  }
  void Stop() { stopping_.store(true); }
  bool stopping() const { return stopping_.load(); }
  // Null: *error says so.
  SlotPool* Find(absl::string_view name, absl::Status* error) const;
  SlotPool* FindByLease(uint64_t lease_id) const {
    return FindByNumber(pool::LeaseTable::PoolNumberOf(lease_id));
  }
  SlotPool* FindByTicket(Ticket ticket) const {
    return FindByNumber(static_cast<uint16_t>(ticket >> 48));
  }
  absl::Status Check(const SlotQuery& query) const;

  void OnCalled(const std::vector<std::string>& pools) override;
  void OnBack() override;

  Sessions& sessions() { return sessions_; }
  telemetry::Counter& sessions_refused() { return sessions_refused_; }

 private:
  SlotPool* FindByNumber(uint16_t number) const {
    const auto& pools = table().by_number;
    return number < pools.size() ? pools[number] : nullptr;
  }

  const telemetry::Log log_;
  Sessions sessions_;
  telemetry::Counter& sessions_refused_;
  const PoolContext context_;
  bool listening_ = false;

  absl::Mutex mutex_;
  // None is dropped before the end: a reader may be in it. There are as many as
  // there were updates.
  std::vector<std::unique_ptr<PoolTable>> tables_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<SlotPool>> pools_ ABSL_GUARDED_BY(mutex_);
  std::atomic<const PoolTable*> table_{nullptr};
  std::atomic<bool> stopping_{false};
  telemetry::Observation observation_;
};

void Pools::Rep::Update(std::vector<pool::PoolOptions> options) {
  absl::MutexLock lock(&mutex_);
  auto next = std::make_unique<PoolTable>();
  for (const auto& pool : pools_)
    next->by_name.emplace(pool->name(), pool.get());
  const auto known = std::exchange(next->by_name, {});
  for (const pool::PoolOptions& one : options) {
    const auto it = known.find(one.name);
    SlotPool* pool = it == known.end() ? nullptr : it->second;
    if (pool == nullptr) {
      pools_.push_back(std::make_unique<SlotPool>(
          context_, static_cast<uint16_t>(pools_.size() + 1), one));
      pool = pools_.back().get();
    } else {
      pool->Update(one);
    }
    next->by_name.emplace(one.name, pool);
    next->in_order.push_back(pool);
  }
  next->by_number.push_back(nullptr);
  for (const auto& pool : pools_) {
    next->by_number.push_back(pool.get());
    if (!next->by_name.contains(pool->name())) pool->Retire();
  }
  tables_.push_back(std::move(next));
  table_.store(tables_.back().get(), std::memory_order_release);
}

SlotPool* Pools::Rep::Find(absl::string_view name, absl::Status* error) const {
  const auto& pools = table().by_name;
  const auto it = pools.find(name);
  if (it != pools.end()) return it->second;
  *error = absl::NotFoundError(
      absl::StrCat("pool: there is no pool \"", name, "\""));
  return nullptr;
}

absl::Status Pools::Rep::Check(const SlotQuery& query) const {
  if (query.session_key.size() > pool::kMaxSessionKeyBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("session_key: must have at most ",
                     pool::kMaxSessionKeyBytes, " bytes"));
  }
  if (query.role == pool::Role::kShard && query.session_key.empty()) {
    return absl::InvalidArgumentError(
        "session_key: must be set: it says which SHARD");
  }
  if (query.avoid.size() > pool::kMaxAvoid) {
    return absl::InvalidArgumentError(
        absl::StrCat("avoid: must be at most ", pool::kMaxAvoid));
  }
  if (query.max_wait.has_value() &&
      (*query.max_wait < Duration(0) || *query.max_wait > kLongestWait)) {
    return absl::InvalidArgumentError("max_wait: must be 0 to 1h");
  }
  return absl::OkStatus();
}

void Pools::Rep::OnCalled(const std::vector<std::string>& pools) {
  for (const std::string& name : pools) {
    absl::Status unknown;
    SlotPool* pool = Find(name, &unknown);
    if (pool != nullptr) pool->Call();
  }
}

void Pools::Rep::OnBack() {
  for (SlotPool* pool : table().by_number) {
    if (pool != nullptr) pool->Call();
  }
}

Pools::Pools(Settings settings, std::vector<pool::PoolOptions> options,
             const Clock& clock, Executor& executor, RandomSource& random,
             telemetry::Registry& registry, store::PoolStore& store)
    : rep_(std::make_unique<Rep>(std::move(settings), clock, executor, random,
                                 registry, store)) {
  Update(std::move(options));
}

Pools::~Pools() = default;

bool Pools::AcquireNow(const SlotQuery& query, SlotAnswer* answer,
                       absl::Status* error) {
  *error = rep_->Check(query);
  if (!error->ok()) return true;
  SlotPool* pool = rep_->Find(query.pool, error);
  return pool == nullptr || pool->AcquireNow(query, answer);
}

Pools::Ticket Pools::AcquireLater(const SlotQuery& query, AcquireDone done) {
  absl::Status error = rep_->Check(query);
  SlotPool* pool = error.ok() ? rep_->Find(query.pool, &error) : nullptr;
  if (pool != nullptr) return pool->AcquireLater(query, std::move(done));
  done(error);
  return 1;  // of no pool
}

void Pools::Cancel(Ticket ticket) {
  SlotPool* pool = rep_->FindByTicket(ticket);
  if (pool != nullptr) pool->Cancel(ticket);
}

bool Pools::Release(uint64_t lease_id, pool::Outcome outcome, Session session) {
  SlotPool* pool = rep_->FindByLease(lease_id);
  return pool != nullptr && pool->Release(lease_id, outcome, session);
}

absl::StatusOr<Duration> Pools::Renew(uint64_t lease_id) {
  SlotPool* pool = rep_->FindByLease(lease_id);
  if (pool != nullptr) return pool->Renew(lease_id);
  return absl::NotFoundError(
      absl::StrCat("lease_id: ", lease_id, " is not held any more"));
}

absl::StatusOr<Pools::Session> Pools::OpenSession(Lost lost) {
  auto session = rep_->sessions().Open(std::move(lost));
  if (!session.ok()) rep_->sessions_refused().Add();
  return session;
}

void Pools::CloseSession(Session session) {
  const Sessions::Belongings all = rep_->sessions().Close(session);
  for (const Ticket ticket : all.waits) Cancel(ticket);
  if (rep_->stopping()) return;
  for (const uint64_t lease_id : all.leases) {
    Release(lease_id, pool::Outcome::kIgnored, session);
  }
}

absl::StatusOr<PickAnswer> Pools::Pick(const SlotQuery& query) {
  absl::Status error = rep_->Check(query);
  SlotPool* pool = error.ok() ? rep_->Find(query.pool, &error) : nullptr;
  if (pool == nullptr) return error;
  return pool->Pick(query);
}

absl::Status Pools::ReportLoad(absl::string_view pool_name,
                               absl::string_view address,
                               const pool::EndpointLoad& load) {
  absl::Status error;
  SlotPool* pool = rep_->Find(pool_name, &error);
  if (pool == nullptr || pool->OnLoad(address, load)) return error;
  return absl::NotFoundError(
      absl::StrCat("address: the pool has no endpoint \"", address, "\""));
}

void Pools::OnCheck(absl::string_view pool_name, absl::string_view address,
                    bool passed, std::string message) {
  absl::Status unknown;
  SlotPool* pool = rep_->Find(pool_name, &unknown);
  if (pool != nullptr) pool->OnCheck(address, passed, std::move(message));
}

void Pools::OnResolved(absl::string_view pool_name, absl::string_view dns,
                       std::vector<std::string> addresses) {
  absl::Status unknown;
  SlotPool* pool = rep_->Find(pool_name, &unknown);
  if (pool != nullptr) pool->OnResolved(dns, std::move(addresses));
}

absl::StatusOr<std::vector<PoolView>> Pools::GetStatus(
    absl::string_view name) const {
  std::vector<PoolView> views;
  if (!name.empty()) {
    absl::Status error;
    const SlotPool* pool = rep_->Find(name, &error);
    if (pool == nullptr) return error;
    views.push_back(pool->View());
    return views;
  }
  for (const SlotPool* pool : rep_->table().in_order) {
    views.push_back(pool->View());
  }
  return views;
}

void Pools::Update(std::vector<pool::PoolOptions> options) {
  // Not while there is nothing to agree on: to listen costs the store.
  if (!options.empty()) rep_->Listen();
  rep_->Update(std::move(options));
}

void Pools::EndWaits() {
  rep_->Stop();
  for (SlotPool* pool : rep_->table().in_order) pool->EndWaits();
}

void Pools::Drain(absl::AnyInvocable<void()> done) {
  struct Nothing {};
  auto all = std::make_shared<Gather<Nothing>>(
      [done = std::move(done)](const Nothing&) mutable { done(); });
  for (SlotPool* pool : rep_->table().by_number) {
    if (pool == nullptr) continue;
    all->Expect();
    pool->Drain([all] { all->Arrive(); });
  }
  all->Arrive();
}

}  // namespace outrigger::coord
