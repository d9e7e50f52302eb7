// Who asks what: makes the requests of a load.
#ifndef OUTRIGGER_BENCH_LOAD_TRAFFIC_H_
#define OUTRIGGER_BENCH_LOAD_TRAFFIC_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "outrigger/ratelimit/v1/rate_limiter.pb.h"

namespace outrigger::bench {

// Draws key numbers and fills requests with them. Not thread-safe.
class Traffic {
 public:
  struct Options {
    // Key numbers are 0 to keys - 1. At least 1.
    uint64_t keys = 10000;
    // Each key in turn, rather than at random.
    bool sequential = false;
    // "name=value" each; in the value "{}" stands for the key number and
    // "{%N}" for its remainder by N.
    std::vector<std::string> attributes = {"user={}"};
    // Share of the calls that each target gets, in any unit; as many as there
    // are targets. Empty: equal.
    std::vector<double> weights;
    // Tokens to take for each question.
    uint64_t cost = 1;
  };

  // kInvalidArgument if an attribute has no '=' or a broken placeholder.
  static absl::StatusOr<Traffic> Make(const Options& options, int targets);

  // The next question, about the next key.
  void Fill(ratelimit::v1::AllowRequest* request);

  // The name of the next key in a cache: "key:" and its number.
  static std::string KeyName(uint64_t number);
  std::string KeyName() { return KeyName(NextKey()); }

  // Which target gets the next call.
  int NextTarget();

 private:
  struct Attribute {
    std::string name;
    std::string before;    // the value up to the placeholder
    uint64_t modulus = 0;  // 0: no placeholder; 1: the number itself
    std::string after;
  };

  Traffic(const Options& options, int targets);
  static absl::StatusOr<Attribute> ParseAttribute(absl::string_view text);
  uint64_t NextKey();

  Options options_;
  std::vector<Attribute> attributes_;
  std::discrete_distribution<int> targets_;
  uint64_t next_ = 0;
  std::mt19937_64 random_{1};  // the same keys in every run
};

}  // namespace outrigger::bench

#endif  // OUTRIGGER_BENCH_LOAD_TRAFFIC_H_
