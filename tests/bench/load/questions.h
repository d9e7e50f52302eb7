// What a load asks, and what it makes of the answers.
#ifndef OUTRIGGER_BENCH_LOAD_QUESTIONS_H_
#define OUTRIGGER_BENCH_LOAD_QUESTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "bench/load/recording.h"
#include "bench/load/traffic.h"
#include "outrigger/cache/v1/cache.pb.h"
#include "outrigger/ratelimit/v1/rate_limiter.pb.h"

namespace outrigger::bench {

// Not thread-safe.
class Questions {
 public:
  // Allow and AllowMany, unless one of the names is set.
  struct Options {
    // Questions in a call: 1 is Allow, more is AllowMany.
    int batch = 1;
    // Calls are Gets of this cache namespace, one key each; a hit counts as
    // allowed.
    std::string get;
    // Calls are Acquires of this breaker.
    std::string breaker;
    // Calls are Acquires of this pool, and Releases of what they got.
    std::string pool;
  };

  Questions(const Options& options, Traffic traffic);

  // What most calls ask; "/package.Service/Method".
  const std::string& usual_path() const { return usual_path_; }
  // The next request, and whether it is for usual_path(); else it is for
  // other_path().
  bool Next(std::string* message);
  const std::string& other_path() const { return other_path_; }

  // Reads an answer; fills what it says, and whether it could be read.
  void Take(bool usual, absl::string_view answer, CallRecord* record);

 private:
  void TakeDecisions(absl::string_view answer, CallRecord* record);
  void TakeSlot(absl::string_view answer, CallRecord* record);

  const Options options_;
  Traffic traffic_;
  std::string usual_path_;
  std::string other_path_;
  std::string constant_;          // the request, where all are the same
  std::vector<uint64_t> leases_;  // to be released
  ratelimit::v1::AllowRequest one_;
  ratelimit::v1::AllowManyRequest many_;
  cache::v1::GetRequest get_;
};

}  // namespace outrigger::bench

#endif  // OUTRIGGER_BENCH_LOAD_QUESTIONS_H_
