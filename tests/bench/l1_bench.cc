// A hit in L1, in process: one million keys with values of 256 bytes, asked for
// as Zipf has it (1.0), by one thread and by two at once. And what an entry
// costs beyond its key and value, as L1 counts it and as the kernel does.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "cache/l1.h"

namespace outrigger::cache {
namespace {

constexpr uint32_t kKeys = 1'000'000;
constexpr size_t kKeyBytes = 16;
constexpr size_t kValueBytes = 256;
constexpr size_t kQuestions = 1 << 21;

struct Key {
  char text[kKeyBytes];
  absl::string_view view() const { return {text, kKeyBytes}; }
};

Key KeyOf(uint32_t number) {
  char text[kKeyBytes + 1];
  std::snprintf(text, sizeof(text), "key:%012u", number);
  Key key;
  std::copy_n(text, kKeyBytes, key.text);
  return key;
}

// Keys in the order in which they are asked for, one after another in memory,
// as a request's own bytes are when it is answered.
const std::vector<Key>& ZipfQuestions() {
  static const auto* const questions = [] {
    std::mt19937_64 random(1);
    std::vector<double> sums(kKeys);
    double sum = 0;
    for (uint32_t i = 0; i < kKeys; ++i) sums[i] = sum += 1.0 / (i + 1);
    auto* const keys = new std::vector<Key>(kQuestions);
    for (Key& key : *keys) {
      const double at = std::uniform_real_distribution<double>(0, sum)(random);
      const auto rank = std::lower_bound(sums.begin(), sums.end(), at);
      // Popular keys shall not lie together in memory.
      const uint64_t number = static_cast<uint64_t>(rank - sums.begin());
      key = KeyOf(static_cast<uint32_t>(number * 7919 % kKeys));
    }
    return keys;
  }();
  return *questions;
}

EntryRef Make(absl::string_view key) {
  EntryInfo info;
  info.version = 1;
  info.fresh_until = info.dead_at = 1'000'000;
  return Entry::Make(key, std::string(kValueBytes, 'v'), {}, info, 0);
}

size_t ResidentBytes() {
  size_t all = 0;
  size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<size_t>(getpagesize());
}

L1Options Options(Policy policy) {
  L1Options options;
  options.policy = policy;
  options.max_bytes = size_t{1} << 30;
  options.max_entries = 2 * kKeys;
  return options;
}

// All keys in, and more than once: the policy has settled.
L1& Filled(Policy policy) {
  static Policy last;
  static std::unique_ptr<L1> l1;
  if (l1 != nullptr && last == policy) return *l1;
  l1 = nullptr;
  last = policy;
  l1 = std::make_unique<L1>(Options(policy));
  for (uint32_t i = 0; i < kKeys; ++i) {
    const Key key = KeyOf(i);
    l1->Insert(Make(key.view()), L1::Hash(key.view()));
  }
  return *l1;
}

void BM_Hit(benchmark::State& state) {
  const auto policy = static_cast<Policy>(state.range(0));
  static L1* l1 = nullptr;
  if (state.thread_index() == 0) {
    l1 = &Filled(policy);
    state.SetLabel(std::string(PolicyName(policy)));
  }
  const std::vector<Key>& questions = ZipfQuestions();
  // Threads start far from one another.
  size_t next = static_cast<size_t>(state.thread_index()) * kQuestions / 2;
  uint64_t found = 0;
  for (auto _ : state) {
    const absl::string_view key = questions[next++ % kQuestions].view();
    const EntryRef entry = l1->Find(key, L1::Hash(key), 1);
    found += entry ? 1 : 0;
  }
  if (found != state.iterations()) state.SkipWithError("a key was missing");
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()));
}
BENCHMARK(BM_Hit)->DenseRange(0, 4)->Threads(1)->Threads(2)->UseRealTime();

// A key that is missing, and then inserted where there is no room: an eviction
// for each.
void BM_MissAndInsert(benchmark::State& state) {
  const auto policy = static_cast<Policy>(state.range(0));
  state.SetLabel(std::string(PolicyName(policy)));
  L1Options options = Options(policy);
  options.max_entries = kKeys / 10;
  L1 l1(options);
  uint32_t next = 0;
  for (auto _ : state) {
    const Key key = KeyOf(next++);
    const uint64_t hash = L1::Hash(key.view());
    benchmark::DoNotOptimize(l1.Find(key.view(), hash, 1));
    l1.Insert(Make(key.view()), hash);
  }
}
BENCHMARK(BM_MissAndInsert)->DenseRange(0, 4);

// Full for long: as many ghosts and counters as there will ever be.
void BM_BytesAnEntry(benchmark::State& state) {
  const auto policy = static_cast<Policy>(state.range(0));
  state.SetLabel(std::string(PolicyName(policy)));
  malloc_trim(0);
  const size_t before = ResidentBytes();
  L1Options options = Options(policy);
  options.max_entries = kKeys / 2;
  L1 l1(options);
  for (uint32_t i = 0; i < 2 * kKeys; ++i) {
    const Key key = KeyOf(i);
    l1.Insert(Make(key.view()), L1::Hash(key.view()));
  }
  for (auto _ : state) benchmark::DoNotOptimize(l1.Stats());
  const L1Stats stats = l1.Stats();
  const double entries = static_cast<double>(stats.entries);
  const double text = kKeyBytes + kValueBytes;
  // Of which malloc's own and its rounding:
  const double block = static_cast<double>(Make(KeyOf(0).view())->bytes());
  state.counters["counted"] = static_cast<double>(stats.bytes) / entries - text;
  state.counters["without_malloc"] =
      state.counters["counted"] - (block - sizeof(Entry) - text);
  state.counters["resident"] =
      static_cast<double>(ResidentBytes() - before) / entries - text;
}
BENCHMARK(BM_BytesAnEntry)->DenseRange(0, 4)->Iterations(1);

}  // namespace
}  // namespace outrigger::cache

BENCHMARK_MAIN();
