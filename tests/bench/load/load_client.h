// Sends Allow or AllowMany to one or several sidecars and records the answers.
#ifndef OUTRIGGER_BENCH_LOAD_LOAD_CLIENT_H_
#define OUTRIGGER_BENCH_LOAD_LOAD_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "bench/load/meter.h"
#include "bench/load/recording.h"
#include "bench/load/traffic.h"
#include "outrigger/ratelimit/v1/rate_limiter.grpc.pb.h"

namespace outrigger::bench {

// One load, run once. In an open loop the calling thread sends and a second one
// receives; in a closed loop the calling thread does both.
class LoadClient {
 public:
  struct Options {
    // gRPC targets: "unix:/path" or "host:port". Not empty.
    std::vector<std::string> targets;
    // Closed loop: calls under way at any time, if rate is 0.
    int in_flight = 64;
    // Open loop: calls a second, each with a time when it is due, whatever
    // happened to those before. 0: closed loop.
    double calls_per_second = 0;
    // Questions in a call: 1 is Allow, more is AllowMany.
    int batch = 1;
    Meter::Options meter;
    // After this many measured calls the load ends early. 0: never.
    uint64_t max_calls = 0;
  };

  LoadClient(const Options& options, Traffic traffic,
             const Recording::Options& recording);
  ~LoadClient();

  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;

  // Runs the load to its end and returns its JSON. False if a target did not
  // answer within 10 seconds.
  bool Run(std::string* json);

 private:
  struct Call;

  bool Connect();
  void SendOnSchedule();
  void Receive();
  void Start(Call* call, int64_t intended);
  void Finish(Call* call);
  CallRecord Describe(const Call& call, int64_t now) const;
  Call* Borrow() ABSL_LOCKS_EXCLUDED(mutex_);
  void Return(Call* call) ABSL_LOCKS_EXCLUDED(mutex_);
  void WatchProgress(int64_t now);
  bool Over(int64_t now) const;
  std::string ToJson() const;

  const Options options_;
  Traffic traffic_;      // of the sending thread
  Recording recording_;  // of the receiving thread
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<ratelimit::v1::RateLimiter::Stub>> stubs_;

  std::optional<Meter> meter_;   // of the sending thread; made by Run
  uint64_t measured_calls_ = 0;  // of the receiving thread

  std::atomic<uint64_t> ended_{0};
  std::atomic<uint64_t> under_way_{0};
  std::atomic<uint64_t> unsent_{0};  // no slot was free
  std::atomic<bool> enough_{false};

  absl::Mutex mutex_;
  std::deque<Call> calls_ ABSL_GUARDED_BY(mutex_);
  std::vector<Call*> free_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::bench

#endif  // OUTRIGGER_BENCH_LOAD_LOAD_CLIENT_H_
