// The breaker's answers as text for people, and its words as people write them.
#ifndef OUTRIGGER_CLI_BREAKER_TEXT_H_
#define OUTRIGGER_CLI_BREAKER_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "outrigger/breaker/v1/breaker.pb.h"

namespace outrigger::cli {

// "half_open".
std::string StateWord(breaker::v1::State state);
// "payments", "payments/Charge".
std::string NameOf(const breaker::v1::BreakerStatus& status);
// Of the fleet, if it has been heard; else of this pod.
const breaker::v1::BreakerStatus::Counts& CountsOf(
    const breaker::v1::BreakerStatus& status);
// "7 of 20 calls failed, opened by pod-1"; empty: it is closed, and nothing is
// to be said.
std::string WhyText(const breaker::v1::BreakerStatus& status);

// "open", "closed", "metrics_only": what `breaker force` takes, also in
// capitals and with '-'. "open" and "closed" alone mean FORCED_OPEN and
// FORCED_CLOSED; "release" means CLOSED.
absl::StatusOr<breaker::v1::State> ReadState(absl::string_view text);
// "success", "failure", "ignored".
absl::StatusOr<breaker::v1::Result> ReadResult(absl::string_view text);

// "allowed: closed, permit 17, generation 3"; "denied: open, …".
std::string DescribePermit(const breaker::v1::AcquireResponse& response);
// A table of the breakers.
std::string DescribeBreakers(const breaker::v1::ListResponse& response);
// "payments open, generation 4, admits 0%, good for 5s".
std::string DescribeWatched(const breaker::v1::WatchResponse& response);

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_BREAKER_TEXT_H_
