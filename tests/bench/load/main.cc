// A load for the sidecar (or for bench_echo), and a line of JSON about it.
//
//   bench_load --target unix:/tmp/o.sock --in_flight 64
//   bench_load --target 127.0.0.1:7420 --rate 10000 --seconds 10
//
// Times in the JSON are in nanoseconds. `calls` and the like count the measured
// part; `ended` and the CPU times are between its two ends.
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/numbers.h"
#include "bench/load/fill_cache.h"
#include "bench/load/load_client.h"
#include "bench/load/wire_client.h"

ABSL_FLAG(std::vector<std::string>, target, {}, "gRPC targets.");
ABSL_FLAG(std::vector<std::string>, weights, {},
          "Share of the calls that each target gets; none: equal.");
ABSL_FLAG(int, in_flight, 64, "Closed loop: calls under way.");
ABSL_FLAG(bool, wire, false,
          "Closed loop with frames by hand: cheap, one target.");
ABSL_FLAG(double, rate, 0, "Open loop: calls a second; 0: closed loop.");
ABSL_FLAG(int, batch, 1, "Questions in a call: 1 is Allow, else AllowMany.");
ABSL_FLAG(std::string, get, "",
          "With --wire: Gets of this cache namespace instead of Allow.");
ABSL_FLAG(std::string, breaker, "",
          "With --wire: Acquires of this breaker instead of Allow.");
ABSL_FLAG(std::string, pool, "",
          "With --wire: Acquires of this pool, and their Releases.");
ABSL_FLAG(int, fill_bytes, 0,
          "With --get: first Set every key, to a value of so many bytes.");
ABSL_FLAG(double, warmup_seconds, 0.5, "Before the measured part.");
ABSL_FLAG(std::vector<std::string>, seconds, {"5"},
          "Lengths of the phases of the measured part.");
ABSL_FLAG(uint64_t, max_calls, 0, "End after this many; 0: never.");
ABSL_FLAG(uint64_t, keys, 10000, "How many different keys.");
ABSL_FLAG(bool, sequential, false, "Keys in turn, not at random.");
ABSL_FLAG(std::vector<std::string>, attributes, {"user={}"},
          "name=value of each question; {} is the key, {%N} its remainder.");
ABSL_FLAG(uint64_t, cost, 1, "Tokens for each question.");
ABSL_FLAG(std::vector<std::string>, cpu_pids, {},
          "Processes whose CPU time is reported.");
ABSL_FLAG(double, bin_ms, 100, "Width of the bins of the time line.");
ABSL_FLAG(bool, admissions, false, "Report admissions by bins.");

namespace {

using outrigger::bench::FillCache;
using outrigger::bench::LoadClient;
using outrigger::bench::Recording;
using outrigger::bench::Traffic;
using outrigger::bench::WireClient;

std::vector<double> Numbers(const std::vector<std::string>& texts) {
  std::vector<double> numbers;
  for (const std::string& text : texts) {
    double number = 0;
    if (!absl::SimpleAtod(text, &number)) {
      std::fprintf(stderr, "not a number: %s\n", text.c_str());
      std::exit(2);
    }
    numbers.push_back(number);
  }
  return numbers;
}

LoadClient::Options LoadOptions(const std::vector<double>& phases) {
  LoadClient::Options options;
  options.targets = absl::GetFlag(FLAGS_target);
  options.in_flight = absl::GetFlag(FLAGS_in_flight);
  options.calls_per_second = absl::GetFlag(FLAGS_rate);
  options.batch = absl::GetFlag(FLAGS_batch);
  options.meter.warmup_seconds = absl::GetFlag(FLAGS_warmup_seconds);
  options.meter.seconds = std::accumulate(phases.begin(), phases.end(), 0.0);
  options.max_calls = absl::GetFlag(FLAGS_max_calls);
  for (const double pid : Numbers(absl::GetFlag(FLAGS_cpu_pids)))
    options.meter.cpu_pids.push_back(static_cast<pid_t>(pid));
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  const std::vector<double> phases = Numbers(absl::GetFlag(FLAGS_seconds));
  const LoadClient::Options options = LoadOptions(phases);
  if (options.targets.empty()) {
    std::fputs("--target is required\n", stderr);
    return 2;
  }
  const int targets = static_cast<int>(options.targets.size());
  auto traffic =
      Traffic::Make({.keys = absl::GetFlag(FLAGS_keys),
                     .sequential = absl::GetFlag(FLAGS_sequential),
                     .attributes = absl::GetFlag(FLAGS_attributes),
                     .weights = Numbers(absl::GetFlag(FLAGS_weights)),
                     .cost = absl::GetFlag(FLAGS_cost)},
                    targets);
  if (!traffic.ok()) {
    std::fprintf(stderr, "%s\n", traffic.status().ToString().c_str());
    return 2;
  }
  if (absl::GetFlag(FLAGS_fill_bytes) > 0 &&
      !FillCache(options.targets[0], absl::GetFlag(FLAGS_get),
                 absl::GetFlag(FLAGS_keys),
                 static_cast<size_t>(absl::GetFlag(FLAGS_fill_bytes)))) {
    return 1;
  }
  const Recording::Options recording{
      .phase_seconds = phases,
      .bin_nanos = static_cast<int64_t>(absl::GetFlag(FLAGS_bin_ms) * 1e6),
      .admissions = absl::GetFlag(FLAGS_admissions),
      .targets = targets};
  std::string json;
  const bool ran =
      absl::GetFlag(FLAGS_wire)
          ? WireClient({.target = options.targets[0],
                        .in_flight = options.in_flight,
                        .questions = {.batch = options.batch,
                                      .get = absl::GetFlag(FLAGS_get),
                                      .breaker = absl::GetFlag(FLAGS_breaker),
                                      .pool = absl::GetFlag(FLAGS_pool)},
                        .meter = options.meter},
                       *std::move(traffic), recording)
                .Run(&json)
          : LoadClient(options, *std::move(traffic), recording).Run(&json);
  if (!ran) return 1;
  std::puts(json.c_str());
  return 0;
}
