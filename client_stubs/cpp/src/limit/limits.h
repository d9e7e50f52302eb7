// The limits' part of a client.
#ifndef OUTRIGGER_CLIENT_LIMIT_LIMITS_H_
#define OUTRIGGER_CLIENT_LIMIT_LIMITS_H_

#include <memory>
#include <optional>
#include <string>

#include "core/line.h"
#include "limit/allow_stream.h"
#include "limit/local_buckets.h"
#include "outrigger/limiter.h"

namespace outrigger::client::internal {

// See Limiter, whose methods these are. Thread-safe.
class Limits {
 public:
  explicit Limits(Line& line);

  absl::StatusOr<Decision> Allow(const Attributes& attributes,
                                 const AllowOptions& options);
  void AllowAsync(const Attributes& attributes, const AllowOptions& options,
                  Limiter::Callback done);
  absl::StatusOr<std::optional<double>> Report(const Attributes& attributes,
                                               UpstreamResult result,
                                               const std::string& limit);
  absl::Status Refund(const Attributes& attributes, std::uint64_t cost,
                      const std::string& limit);

  void Close() { stream_.Close(); }
  PartStats stats() const { return counters_.Get(); }
  AllowStream& stream() { return stream_; }

 private:
  // What the answer means, or what the policy says instead.
  absl::StatusOr<Decision> Judge(const absl::Status& status,
                                 const ratelimit::v1::AllowResponse* response,
                                 const Attributes& attributes,
                                 std::uint64_t cost);
  absl::Duration TimeoutFor(const AllowOptions& options) const;
  Decision Fallback(const Attributes& attributes, std::uint64_t cost);
  // A call of its own, that may wait or has a trace.
  void AllowAlone(const ratelimit::v1::AllowRequest& request,
                  absl::Duration timeout, const Metadata& trace,
                  Done<ratelimit::v1::AllowResponse> done);
  // Of those that tell and do not ask: only a mistake is an error.
  absl::Status Told(const absl::Status& status);

  Line& line_;
  PartCounters counters_;
  LocalBuckets buckets_;
  AllowStream stream_;
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_LIMIT_LIMITS_H_
