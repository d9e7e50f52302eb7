// A closed loop that costs the machine next to nothing, so that the server is
// what is measured.
//
// On two cores a client that uses gRPC is slower than the server: the server
// then often waits, wakes for one or two calls at a time, and a faster server
// looks worse. This client writes frames by hand and keeps the server busy.
#ifndef OUTRIGGER_BENCH_LOAD_WIRE_CLIENT_H_
#define OUTRIGGER_BENCH_LOAD_WIRE_CLIENT_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "bench/load/frames.h"
#include "bench/load/meter.h"
#include "bench/load/questions.h"
#include "bench/load/recording.h"
#include "bench/load/traffic.h"

namespace outrigger::bench {

// One connection, one thread; run once.
class WireClient {
 public:
  struct Options {
    // "unix:/path" or "127.0.0.1:port".
    std::string target;
    // Calls under way at any time.
    int in_flight = 64;
    Questions::Options questions;
    Meter::Options meter;
  };

  WireClient(const Options& options, Traffic traffic,
             const Recording::Options& recording);
  ~WireClient();

  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;

  // Runs the load to its end and returns its JSON. False, with the reason on
  // standard error, if the connection failed.
  bool Run(std::string* json);

 private:
  struct Call {
    int64_t sent = 0;
    bool usual = true;   // see Questions
    std::string answer;  // the message's bytes, as far as they have come
  };

  bool Connect();
  bool Flush();
  bool Read();
  void StartCall();
  bool Handle(const Frame& frame);
  void EndCall(uint32_t stream, bool failed);
  CallRecord Describe(const Call& call);
  void AppendRequest(uint32_t stream, bool usual);

  const Options options_;
  Questions questions_;
  Recording recording_;
  Meter meter_;
  int socket_ = -1;
  std::string out_;         // to be written
  std::string in_;          // read, and not yet a whole frame
  int64_t now_ = 0;         // when the last read returned
  uint32_t stream_ = 1;     // of the next call
  int64_t window_ = 65535;  // bytes that the server still takes
  uint32_t taken_ = 0;      // bytes of answers since the last window update
  uint64_t ended_ = 0;
  absl::flat_hash_map<uint32_t, Call> calls_;  // by stream
  std::string message_;
};

}  // namespace outrigger::bench

#endif  // OUTRIGGER_BENCH_LOAD_WIRE_CLIENT_H_
