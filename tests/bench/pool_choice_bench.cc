// What a choice among a thousand endpoints costs, for each way to balance; and
// with the lease that begins and one that ends.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "pool/endpoints.h"

namespace outrigger::pool {
namespace {

constexpr int kEndpoints = 1000;
constexpr size_t kQuestions = 1 << 12;
constexpr size_t kLeases = 256;  // under way at any time

// The row's own, beside the six of Balance.
constexpr int kShards = 6;

constexpr size_t kKeyBytes = 24;

// One after another in memory, as a request's own bytes are.
struct Asked {
  char key[kKeyBytes];
  uint64_t random;
};

const std::vector<Asked>& Questions() {
  static const auto* const questions = [] {
    std::mt19937_64 random(1);
    auto* const made = new std::vector<Asked>(kQuestions);
    for (Asked& asked : *made) {
      const std::string key =
          absl::StrCat("session-", absl::Hex(random(), absl::kZeroPad16));
      std::copy_n(key.data(), kKeyBytes, asked.key);
      asked.random = random();
    }
    return made;
  }();
  return *questions;
}

PoolOptions Options(int way) {
  PoolOptions options;
  options.name = "bench";
  options.zone = "a";
  options.balance =
      way == kShards ? Balance::kRoundRobin : static_cast<Balance>(way);
  constexpr std::array<const char*, 3> kZones = {"a", "b", "c"};
  for (int i = 0; i < kEndpoints; ++i) {
    EndpointOptions endpoint;
    endpoint.address = absl::StrCat("10.0.", i / 256, ".", i % 256, ":5432");
    endpoint.weight = 1 + i % 10;
    endpoint.zone = kZones[static_cast<size_t>(i) % kZones.size()];
    if (way == kShards) endpoint.role = Role::kShard;
    options.endpoints.push_back(endpoint);
  }
  return options;
}

ChoiceQuery QueryOf(const Asked& asked, int way) {
  ChoiceQuery query;
  query.session_key = {asked.key, kKeyBytes};
  query.random = asked.random;
  if (way == kShards) query.role = Role::kShard;
  return query;
}

std::string Label(int way) {
  return way == kShards ? "shard"
                        : std::string(BalanceName(static_cast<Balance>(way)));
}

// Leases are under way, so that loads differ.
void Fill(Endpoints& endpoints, int way, std::vector<EndpointId>& leases) {
  for (size_t i = 0; i < kLeases; ++i) {
    const Choice choice =
        endpoints.Choose(QueryOf(Questions()[i], way), MonotonicTime());
    endpoints.Begin(choice.id);
    leases.push_back(choice.id);
  }
}

void BM_Choose(benchmark::State& state) {
  const int way = static_cast<int>(state.range(0));
  state.SetLabel(Label(way));
  Endpoints endpoints(Options(way), MonotonicTime());
  std::vector<EndpointId> leases;
  Fill(endpoints, way, leases);
  size_t next = 0;
  for (auto _ : state) {
    const Asked& asked = Questions()[next++ % kQuestions];
    benchmark::DoNotOptimize(
        endpoints.Choose(QueryOf(asked, way), MonotonicTime()));
  }
}
BENCHMARK(BM_Choose)->DenseRange(0, kShards);

void BM_ChooseAndLease(benchmark::State& state) {
  const int way = static_cast<int>(state.range(0));
  state.SetLabel(Label(way));
  Endpoints endpoints(Options(way), MonotonicTime());
  std::vector<EndpointId> leases;
  Fill(endpoints, way, leases);
  size_t next = 0;
  for (auto _ : state) {
    const Asked& asked = Questions()[next % kQuestions];
    EndpointId& lease = leases[next++ % kLeases];
    const Choice choice =
        endpoints.Choose(QueryOf(asked, way), MonotonicTime());
    endpoints.Begin(choice.id);
    endpoints.End(lease, Outcome::kSuccess, MonotonicTime());
    lease = choice.id;
  }
}
BENCHMARK(BM_ChooseAndLease)->DenseRange(0, kShards);

// An endpoint is ejected, or comes back: the next choice takes account of it.
void BM_ChooseAfterAChange(benchmark::State& state) {
  const int way = static_cast<int>(state.range(0));
  state.SetLabel(Label(way));
  PoolOptions options = Options(way);
  options.health.check = Check::kTcp;
  options.health.rise = options.health.fall = 1;
  Endpoints endpoints(options, MonotonicTime());
  const std::string& changing = options.endpoints[500].address;
  size_t next = 0;
  for (auto _ : state) {
    const Asked& asked = Questions()[next++ % kQuestions];
    endpoints.OnCheck(changing, next % 2 == 0, "", MonotonicTime());
    benchmark::DoNotOptimize(
        endpoints.Choose(QueryOf(asked, way), MonotonicTime()));
  }
}
BENCHMARK(BM_ChooseAfterAChange)->DenseRange(0, kShards);

}  // namespace
}  // namespace outrigger::pool

BENCHMARK_MAIN();
