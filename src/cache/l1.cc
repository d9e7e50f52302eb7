#include "cache/l1.h"

// Inlined: for keys as short as ours the call would cost as much as the hash.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "cache/l1/shard.h"

namespace outrigger::cache {
namespace {

constexpr size_t kBytesPerShard = 16 << 20;
constexpr size_t kEntriesPerShard = 4096;
constexpr size_t kMostShards = 64;
constexpr size_t kSweepAtOnce = 256;
// Bits of the hash that neither the index nor the policies look at first.
constexpr int kShardShift = 16;

size_t ShardCount(const L1Options& options) {
  if (options.shards != 0) return options.shards;
  size_t shards = 1;
  while (shards < kMostShards &&
         options.max_bytes / kBytesPerShard >= 2 * shards &&
         options.max_entries / kEntriesPerShard >= 2 * shards) {
    shards *= 2;
  }
  return shards;
}

}  // namespace

L1::L1(const L1Options& options) {
  const size_t shards = ShardCount(options);
  const Capacity each = {options.max_bytes / shards,
                         std::max<size_t>(options.max_entries / shards, 1)};
  for (size_t i = 0; i < shards; ++i) {
    shards_.push_back(std::make_unique<L1Shard>(options.policy, each));
  }
}

L1::~L1() = default;

uint64_t L1::Hash(absl::string_view key) {
  // Not to be guessed from outside.
  static const uint64_t seed = PseudoRandomSource().Next();
  return XXH3_64bits_withSeed(key.data(), key.size(), seed);
}

L1Shard& L1::ShardOf(uint64_t hash) const {
  return *shards_[(hash >> kShardShift) & (shards_.size() - 1)];
}

EntryRef L1::Find(absl::string_view key, uint64_t hash, Tick now) {
  return ShardOf(hash).Find(key, hash, now);
}

bool L1::Insert(EntryRef entry, uint64_t hash) {
  return ShardOf(hash).Insert(std::move(entry), hash);
}

bool L1::Erase(absl::string_view key, uint64_t hash) {
  return ShardOf(hash).Erase(key, hash);
}

bool L1::EraseIf(const Entry& entry, uint64_t hash) {
  return ShardOf(hash).EraseIf(entry, hash);
}

void L1::Clear() {
  for (auto& shard : shards_) shard->Clear();
}

size_t L1::Sweep(Tick now, size_t slots) {
  absl::MutexLock lock(&sweep_mutex_);
  size_t all = 0;
  for (const auto& shard : shards_) all += shard->places();
  // Once round is enough.
  for (size_t left = std::min(slots, all + shards_.size()); left > 0;) {
    const size_t moved = shards_[sweep_shard_]->Sweep(
        now, std::min(left, kSweepAtOnce), &sweep_place_);
    // A shard without places counts, too, or an empty L1 would go on for ever.
    left -= std::min(left, std::max<size_t>(moved, 1));
    if (sweep_place_ == 0) sweep_shard_ = (sweep_shard_ + 1) % shards_.size();
  }
  return all;
}

void L1::VisitHot(size_t most, const std::function<void(const Entry&)>& visit) {
  std::vector<std::vector<EntryRef>> hot;
  for (const auto& shard : shards_) {
    hot.push_back(shard->Hot((most + shards_.size() - 1) / shards_.size()));
  }
  for (size_t i = 0, visited = 0; visited < most; ++i) {
    const size_t before = visited;
    for (size_t s = 0; s < hot.size() && visited < most; ++s) {
      if (i >= hot[s].size()) continue;
      visit(*hot[s][i]);
      ++visited;
    }
    if (visited == before) break;
  }
}

L1Stats L1::Stats() const {
  L1Stats stats;
  for (const auto& shard : shards_) shard->AddTo(&stats);
  return stats;
}

}  // namespace outrigger::cache
