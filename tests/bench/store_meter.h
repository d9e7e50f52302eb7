// What operations of a store over Redis cost.
#ifndef OUTRIGGER_TESTS_BENCH_STORE_METER_H_
#define OUTRIGGER_TESTS_BENCH_STORE_METER_H_

#include <sys/resource.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/json.h"
#include "support/redis_server.h"

namespace outrigger {

// Of this process.
inline double CpuMicros() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

// The number after `name` in a section of Redis' INFO; 0: it is not there.
inline double InfoNumber(const RedisServer& server, const std::string& section,
                         const std::string& name, const std::string& line) {
  const std::string info = server.Ask({"INFO", section}).text;
  const size_t begin = info.find(line);
  const size_t at = info.find(name, begin);
  double number = 0;
  if (begin == std::string::npos || at == std::string::npos) return number;
  const std::string rest = info.substr(at + name.size());
  if (!absl::SimpleAtod(rest.substr(0, rest.find_first_of(",\r")), &number)) {
    return 0;
  }
  return number;
}

// The microseconds that Redis says it spent on one call of `command`.
inline double RedisMicros(const RedisServer& server,
                          const std::string& command) {
  return InfoNumber(server, "commandstats",
                    "usec_per_call=", "cmdstat_" + command + ":");
}

// The CPU time of Redis' own thread since its start.
inline double RedisCpuMicros(const RedisServer& server) {
  double seconds = 0;
  for (const char* name :
       {"used_cpu_user_main_thread:", "used_cpu_sys_main_thread:"}) {
    seconds += InfoNumber(server, "cpu", name, name);
  }
  return seconds * 1e6;
}

// "p50", "p99" and "max" of `micros`, which is not empty.
inline void WriteQuantiles(absl::string_view name, std::vector<double> micros,
                           JsonWriter& json) {
  std::sort(micros.begin(), micros.end());
  json.BeginObject(name);
  json.Field("p50", micros[micros.size() / 2]);
  json.Field("p99", micros[micros.size() * 99 / 100]);
  json.Field("max", micros.back()).EndObject();
}

// Runs `ask(i, done)` that often, so many at once, and writes what one costs:
// "cpu_us" of this process, "per_second", "redis_us" of `command`, and
// "redis_cpu_us" with all that is around it.
class StoreMeter {
 public:
  StoreMeter(const RedisServer& server, int operations, int in_flight)
      : server_(server), operations_(operations), in_flight_(in_flight) {}

  void Measure(absl::string_view name, const std::string& command,
               const std::function<void(int, std::function<void()>)>& ask,
               JsonWriter& json) const {
    server_.Ask({"CONFIG", "RESETSTAT"});
    absl::Mutex mutex;
    int under_way = 0;
    const auto room = [&] { return under_way < in_flight_; };
    const auto none = [&] { return under_way == 0; };
    const SystemClock clock;
    const double cpu = CpuMicros();
    const double redis_cpu = RedisCpuMicros(server_);
    const MonotonicTime begun = clock.Now();
    for (int i = 0; i < operations_; ++i) {
      {
        absl::MutexLock lock(&mutex);
        mutex.Await(absl::Condition(&room));
        ++under_way;
      }
      ask(i, [&] {
        absl::MutexLock lock(&mutex);
        --under_way;
      });
    }
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&none));
    json.BeginObject(name);
    json.Field("cpu_us", (CpuMicros() - cpu) / operations_);
    json.Field("per_second", operations_ / ToSeconds(clock.Now() - begun));
    json.Field("redis_us", RedisMicros(server_, command));
    json.Field("redis_cpu_us",
               (RedisCpuMicros(server_) - redis_cpu) / operations_);
    json.EndObject();
  }

 private:
  const RedisServer& server_;
  const int operations_;
  const int in_flight_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_BENCH_STORE_METER_H_
