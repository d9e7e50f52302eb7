#include "tests/simulation/cache_simulation.h"

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "coord/cache/fill_token.h"
#include "telemetry/log.h"
#include "tests/simulation/cache_ledger.h"
#include "tests/support/cache_fleet.h"

namespace outrigger::simulation {
namespace {

using coord::CacheStatus;
using coord::GetAnswer;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kSlowest = milliseconds(20);
// A pod notices within this that it hears nothing any more.
constexpr Duration kNotices = seconds(1);
constexpr Duration kFillTimeout = seconds(2);
constexpr int kTags = 3;

class Simulation {
 public:
  explicit Simulation(const CacheSimOptions& options)
      : options_(options),
        random_(options.seed),
        executor_(clock_),
        shared_(clock_, 64 << 20),
        hub_(shared_),
        keys_(static_cast<size_t>(options.keys)) {
    for (int i = 0; i < options.pods; ++i) AddPod();
  }

  CacheSimResult Run() {
    const MonotonicTime end = clock_.Now() + options_.length;
    const Duration between = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(1 / options_.operations_per_second));
    while (clock_.Now() < end && result_.held) {
      Operate();
      if (options_.faults) Disturb(between);
      executor_.Advance(std::chrono::duration_cast<Duration>(
          between * 2 * random_.NextDouble()));
    }
    for (auto& pod : pods_) MendPod(pod);
    executor_.Advance(seconds(30));
    result_.unanswered = asked_ - answered_;
    if (result_.unanswered != 0) Breach("questions were not answered");
    return result_;
  }

 private:
  struct Pod {
    std::unique_ptr<CachePod> cache;
    int number = 0;
    bool cut = false;
    bool deaf = false;
    bool dead = false;
    MonotonicTime disturbed{};  // the last fault of its link
  };

  static cache::Options CacheOptions() {
    cache::Options options = TestCacheOptions();
    cache::NamespaceOptions& ns = options.namespaces[0];
    ns.ttl = seconds(3);
    ns.ttl_jitter = 0.2;
    ns.stale_for = seconds(2);
    ns.absent_ttl = seconds(1);
    ns.fill_timeout = kFillTimeout;
    ns.early_refresh = 1;
    ns.memory_bytes = 1 << 20;
    return options;
  }

  void AddPod() {
    Pod pod;
    pod.number = next_pod_++;
    pod.cache = std::make_unique<CachePod>(
        CacheOptions(), hub_, clock_, executor_,
        options_.seed * 1000 + static_cast<uint64_t>(pod.number));
    pod.disturbed = clock_.Now();
    if (options_.faults) {
      pod.cache->link().faults = {kSlowest,
                                  random_.NextDouble() < 0.5 ? 0.02 : 0};
    }
    pods_.push_back(std::move(pod));
  }

  static std::string Key(size_t key) { return absl::StrCat("k", key); }
  static std::string Tag(size_t key) { return absl::StrCat("t", key % kTags); }
  Pod& AnyPod() { return pods_[random_.Next() % pods_.size()]; }
  Duration UpTo(Duration most) {
    return std::chrono::duration_cast<Duration>(most * random_.NextDouble());
  }
  void Breach(const std::string& what) {
    if (result_.held) result_.first_breach = what;
    result_.held = false;
  }

  void Operate() {
    const size_t key = random_.Next() % keys_.size();
    const double dice = random_.NextDouble();
    if (dice < 0.8) {
      Read(AnyPod(), key);
    } else if (dice < 0.88) {
      SetKey(AnyPod(), key);
    } else if (dice < 0.96) {
      InvalidateKey(AnyPod(), key, random_.NextDouble() < 0.2);
    } else {
      InvalidateTag(AnyPod(), key % kTags);
    }
  }

  // What was told longer ago than this has reached `pod`.
  MonotonicTime SettledFor(const Pod& pod) const {
    const MonotonicTime now = clock_.Now();
    // Its own question about tags may be under way as well.
    const Duration news = 4 * kSlowest;
    const bool quiet =
        !pod.cut && !pod.deaf && now - pod.disturbed > kNotices + 2 * news;
    return now - (quiet ? news : kNotices + news);
  }

  void Read(Pod& pod, size_t key) {
    ++result_.reads;
    ++asked_;
    const uint64_t floor = keys_[key].Floor(pod.number, SettledFor(pod));
    coord::GetQuery query;
    const std::string name = Key(key);
    query.ns = "ns";
    query.key = name;
    query.no_fill = random_.NextDouble() < 0.2;
    query.max_wait = UpTo(seconds(3));
    GetAnswer answer;
    absl::Status error;
    if (pod.cache->cache().GetNow(query, &answer, &error)) {
      return OnAnswer(pod.number, key, floor, std::move(answer));
    }
    query.refresh = answer.refresh;
    pod.cache->cache().GetLater(query, [this, number = pod.number, key, floor](
                                           absl::StatusOr<GetAnswer> later) {
      if (later.ok()) return OnAnswer(number, key, floor, *later);
      ++answered_;
      Breach(absl::StrCat("an error: ", later.status().message()));
    });
  }

  void OnAnswer(int pod, size_t key, uint64_t floor, GetAnswer answer) {
    ++answered_;
    result_.hits += answer.status == CacheStatus::kHit ? 1 : 0;
    result_.stale += answer.status == CacheStatus::kStale ? 1 : 0;
    result_.degraded += answer.degraded ? 1 : 0;
    if (answer.coherent && answer.status == CacheStatus::kHit) {
      ++result_.coherent;
      uint64_t value = 0;
      if (!absl::SimpleAtoi(answer.entry->value(), &value) || value < floor) {
        Breach(absl::StrCat("pod ", pod, " got ", Key(key), "=", value,
                            " as coherent after ", floor, " was told"));
      }
    }
    if (answer.fill_token.empty()) return;
    const auto token = coord::DecodeFillToken(answer.fill_token);
    if (!token->local) NoteLease(key, token->lease);
    StartLoad(pod, key, answer.fill_token);
  }

  // That the store gives one lease at a time its own suite tests; here, that no
  // pod gives one to two callers.
  void NoteLease(size_t key, const store::CacheToken& lease) {
    if (!leases_.emplace(lease.version, lease.nonce).second) {
      Breach(absl::StrCat("two loaders of ", Key(key), " with one token"));
    }
  }

  Pod* Find(int number) {
    for (Pod& pod : pods_) {
      if (pod.number == number && !pod.dead) return &pod;
    }
    return nullptr;
  }

  // Reads the database, then tells the cache; or does not.
  void StartLoad(int pod, size_t key, std::string token) {
    ++result_.loads;
    const double dice = random_.NextDouble();
    if (dice < 0.05) return;  // the loader dies
    const bool abandons = dice < 0.15;
    const Duration slow = dice < 0.25 ? 2 * kFillTimeout : milliseconds(100);
    executor_.RunAt(clock_.Now() + UpTo(slow), [=, this] {
      const uint64_t value = keys_[key].value();
      executor_.RunAt(clock_.Now() + UpTo(slow), [=, this] {
        Pod* const alive = Find(pod);
        if (alive == nullptr) return;
        if (abandons) return Abandon(*alive, key, token);
        Fill(*alive, key, value, token);
      });
    });
  }

  void Abandon(Pod& pod, size_t key, const std::string& token) {
    pod.cache->cache().Abandon("ns", Key(key), token,
                               [](const absl::StatusOr<bool>&) {});
  }

  void Fill(Pod& pod, size_t key, uint64_t value, const std::string& token) {
    const uint64_t newest = keys_[key].told_of_key();
    const uint64_t flushes = static_cast<uint64_t>(result_.flushes);
    coord::SetQuery query;
    const std::string name = Key(key), text = absl::StrCat(value);
    query.ns = "ns";
    query.key = name;
    query.value = text;
    query.tags = {Tag(key)};
    query.fill_token = token;
    pod.cache->cache().Set(
        query, [this, key, value, newest,
                flushes](const absl::StatusOr<coord::SetAnswer>& answer) {
          if (!answer.ok()) return Breach("a fill was an error");
          if (answer->reason == coord::SetReason::kFillRevoked) {
            ++result_.fills_refused;
          }
          if (answer->stored && !answer->degraded && value < newest &&
              flushes == static_cast<uint64_t>(result_.flushes)) {
            Breach(absl::StrCat("a load of ", Key(key), " stored ", value,
                                " over ", newest));
          }
        });
  }

  void SetKey(Pod& pod, size_t key) {
    KeyLedger& ledger = keys_[key];
    if (ledger.busy()) return;
    ledger.Begin();
    ++result_.changes;
    const uint64_t value = ledger.Change();
    coord::SetQuery query;
    const std::string name = Key(key), text = absl::StrCat(value);
    query.ns = "ns";
    query.key = name;
    query.value = text;
    query.tags = {Tag(key)};
    pod.cache->cache().Set(
        query, [this, key, value, number = pod.number](
                   const absl::StatusOr<coord::SetAnswer>& answer) {
          const bool told = answer.ok() && answer->stored && !answer->degraded;
          OnTold(number, key, value, told);
        });
  }

  void OnTold(int pod, size_t key, uint64_t value, bool told) {
    if (told) {
      keys_[key].Told(pod, value, /*of_key=*/true, clock_.Now());
    } else {
      keys_[key].NotTold();
    }
  }

  void InvalidateKey(Pod& pod, size_t key, bool removes) {
    KeyLedger& ledger = keys_[key];
    if (ledger.busy()) return;
    ledger.Begin();
    ++result_.changes;
    const uint64_t value = ledger.Change();
    const int number = pod.number;
    if (removes) {
      pod.cache->cache().Delete(
          "ns", Key(key), 0,
          [=, this](const absl::StatusOr<coord::DeleteAnswer>& answer) {
            OnTold(number, key, value, answer.ok() && !answer->degraded);
          });
      return;
    }
    coord::InvalidateQuery query;
    query.ns = "ns";
    query.keys = {Key(key)};
    pod.cache->cache().Invalidate(
        query,
        [=, this](const absl::StatusOr<coord::InvalidateAnswer>& answer) {
          OnTold(number, key, value, answer.ok() && !answer->degraded);
        });
  }

  void InvalidateTag(Pod& pod, size_t tag) {
    std::vector<std::pair<size_t, uint64_t>> values;
    for (size_t key = tag; key < keys_.size(); key += kTags) {
      if (keys_[key].busy()) continue;
      keys_[key].Begin();
      values.emplace_back(key, keys_[key].Change());
    }
    ++result_.changes;
    coord::InvalidateQuery query;
    query.ns = "ns";
    if (random_.NextDouble() < 0.2) {
      query.glob = "k*";
    } else {
      query.tags = {absl::StrCat("t", tag)};
    }
    pod.cache->cache().Invalidate(
        query, [this, values, number = pod.number](
                   const absl::StatusOr<coord::InvalidateAnswer>& answer) {
          for (const auto& [key, value] : values) {
            if (answer.ok() && !answer->degraded) {
              keys_[key].Told(number, value, /*of_key=*/false, clock_.Now());
            } else {
              keys_[key].NotTold();
            }
          }
        });
  }

  // Faults come so often for each simulated second, whatever the load.
  void Disturb(Duration step) {
    const double second = ToSeconds(step);
    Pod& pod = AnyPod();
    if (random_.NextDouble() < 0.2 * second) CutPod(pod);
    if (random_.NextDouble() < 0.3 * second) DeafenPod(pod);
    if (random_.NextDouble() < 0.02 * second) KillPod(pod);
    if (random_.NextDouble() < 0.01 * second) Flush();
  }

  void CutPod(Pod& pod) {
    if (pod.cut || pod.deaf) return;
    ++result_.cuts;
    pod.cut = true;
    pod.cache->link().Cut();
    Later(pod.number, UpTo(seconds(5)), [this](Pod& cut) { MendPod(cut); });
  }
  void DeafenPod(Pod& pod) {
    if (pod.cut || pod.deaf) return;
    ++result_.losses;
    pod.deaf = true;
    pod.cache->link().LoseNews();
    Later(pod.number, UpTo(kNotices), [this](Pod& deaf) {
      if (deaf.cut || !deaf.deaf) return;
      deaf.cache->link().NoticeLoss();
      Later(deaf.number, UpTo(seconds(2)),
            [this](Pod& noticed) { MendPod(noticed); });
    });
  }
  void MendPod(Pod& pod) {
    if (!pod.cut && !pod.deaf) return;
    pod.cut = pod.deaf = false;
    pod.disturbed = clock_.Now();
    pod.cache->link().Mend();
  }
  void KillPod(Pod& pod) {
    if (pods_.size() < 2 || result_.kills >= 50) return;
    ++result_.kills;
    // It answers nobody any more; what it was about to do is lost.
    MendPod(pod);
    pod.dead = true;
    graveyard_.push_back(std::move(pod));
    pods_.erase(pods_.begin() + (&pod - pods_.data()));
    AddPod();
  }
  void Flush() {
    ++result_.flushes;
    shared_.Flush();
  }

  template <typename Work>
  void Later(int number, Duration after, Work work) {
    executor_.RunAt(clock_.Now() + after, [this, number, work] {
      Pod* const pod = Find(number);
      if (pod != nullptr) work(*pod);
    });
  }

  const CacheSimOptions options_;
  PseudoRandomSource random_;
  FakeClock clock_;
  ManualExecutor executor_;
  store::MemoryCacheStore shared_;
  CacheHub hub_;
  std::vector<KeyLedger> keys_;
  std::vector<Pod> pods_;
  std::vector<Pod> graveyard_;  // their messages may still arrive
  int next_pod_ = 0;
  std::set<std::pair<uint64_t, uint64_t>> leases_;  // all that were given
  uint64_t asked_ = 0;
  uint64_t answered_ = 0;
  CacheSimResult result_;
};

}  // namespace

std::string CacheSimResult::Line(uint64_t seed) const {
  return absl::StrFormat(
      "seed %d: %s | %d reads, %d coherent, %d hits, %d stale, %d degraded | "
      "%d loads, %d refused | %d changes | %d cuts, %d losses, %d kills, %d "
      "flushes, %d unanswered%s",
      seed, held ? "held" : "BROKEN", reads, coherent, hits, stale, degraded,
      loads, fills_refused, changes, cuts, losses, kills, flushes, unanswered,
      held ? "" : " | " + first_breach);
}

CacheSimResult SimulateCaches(const CacheSimOptions& options) {
  telemetry::Log::SetMinimum(telemetry::LogLevel::kError);
  return Simulation(options).Run();
}

}  // namespace outrigger::simulation
