// What became of a request, whatever it was sent over.
#ifndef OUTRIGGER_OTLP_SEND_OUTCOME_H_
#define OUTRIGGER_OTLP_SEND_OUTCOME_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/clock.h"

namespace grpc {
class Status;
}

namespace outrigger::otlp {

// Longest answer that is read. OTLP's specification has it so.
inline constexpr size_t kMaxResponseBytes = 4 << 20;

struct Outcome {
  enum class Kind : uint8_t {
    kAccepted,       // perhaps in part: see `rejected`
    kRetry,          // it may work later
    kRefused,        // it never will
    kOtherProtocol,  // the peer does not speak HTTP/1
  };

  Kind kind = Kind::kRefused;
  // kRetry: the collector asked to wait at least this long; 0: it did not say.
  Duration retry_after{};
  // kAccepted: so many items were not; never to be sent again.
  int64_t rejected = 0;
  // For people; of kAccepted only if the collector had something to say.
  std::string message;
  // Low-cardinality, e.g. "UNAVAILABLE", "503", "timeout"; empty if kAccepted.
  std::string error_type;
};

// Of a gRPC call that ended with `status`, and if that is OK with `response`.
Outcome OutcomeOfGrpc(const grpc::Status& status, absl::string_view response);

// What an HTTP server answered.
struct HttpReply {
  int code = 0;
  // Header fields; empty: not there.
  std::string content_type;
  std::string retry_after;
  std::string body;
};
// `now` is for a Retry-After with a date.
Outcome OutcomeOfHttp(const HttpReply& reply, WallTime now);

// No answer came: no connection, a lost one, or no time left.
Outcome NoAnswer(absl::string_view error_type, absl::string_view message);

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_SEND_OUTCOME_H_
