#include "cli/breaker/text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "cli/print.h"

namespace outrigger::cli {
namespace {

using breaker::v1::AcquireResponse;
using breaker::v1::BreakerStatus;
using breaker::v1::ListResponse;
using breaker::v1::Result;
using breaker::v1::State;
using breaker::v1::WatchResponse;

std::string Percent(uint64_t part, uint64_t all) {
  if (all == 0) return "-";
  return absl::StrFormat(
      "%.1f%%", 100 * static_cast<double>(part) / static_cast<double>(all));
}

// What it is without the person's choice of case and of '-'.
std::string Plain(absl::string_view text) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(text), {{"-", "_"}});
}

}  // namespace

std::string StateWord(State state) {
  return absl::AsciiStrToLower(breaker::v1::State_Name(state));
}

std::string NameOf(const BreakerStatus& status) {
  return status.method().empty()
             ? status.breaker()
             : absl::StrCat(status.breaker(), "/", status.method());
}

const BreakerStatus::Counts& CountsOf(const BreakerStatus& status) {
  return status.fleet().reporters() > 0 ? status.fleet() : status.pod();
}

std::string WhyText(const BreakerStatus& status) {
  std::string text;
  const auto add = [&text](absl::string_view more) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", more);
  };
  if (!status.message().empty()) add(status.message());
  if (!status.opened_by().empty() && !status.message().empty()) {
    add(absl::StrCat("opened by ", status.opened_by()));
  }
  if (status.state() == breaker::v1::OPEN) {
    add(absl::StrCat("probes in ", TimeText(status.retry_after())));
  }
  if (status.state() == breaker::v1::HALF_OPEN) {
    add(absl::StrCat(status.probes_out(), " probes out, ",
                     status.probes_succeeded(), " succeeded"));
  }
  if (status.isolated()) add("this pod only");
  if (status.degraded()) add("degraded");
  return text;
}

absl::StatusOr<State> ReadState(absl::string_view text) {
  const std::string word = Plain(text);
  if (word == "open" || word == "forced_open") return breaker::v1::FORCED_OPEN;
  if (word == "closed" || word == "forced_closed") {
    return breaker::v1::FORCED_CLOSED;
  }
  if (word == "metrics_only") return breaker::v1::METRICS_ONLY;
  if (word == "release") return breaker::v1::CLOSED;
  return absl::InvalidArgumentError(
      absl::StrCat(text, " is not one of open, closed, metrics_only, release"));
}

absl::StatusOr<Result> ReadResult(absl::string_view text) {
  const std::string word = Plain(text);
  if (word == "success") return breaker::v1::SUCCESS;
  if (word == "failure") return breaker::v1::FAILURE;
  if (word == "ignored") return breaker::v1::IGNORED;
  return absl::InvalidArgumentError(
      absl::StrCat(text, " is not one of success, failure, ignored"));
}

std::string DescribePermit(const AcquireResponse& response) {
  std::string text = absl::StrCat(response.allowed() ? "allowed: " : "denied: ",
                                  StateWord(response.state()));
  if (response.probe()) text += ", a probe";
  if (response.allowed()) {
    absl::StrAppend(&text, ", permit ", response.permit(), ", generation ",
                    response.generation());
  } else {
    absl::StrAppend(&text, ", ", response.message());
    if (response.has_retry_after()) {
      absl::StrAppend(&text, ", retry after ",
                      TimeText(response.retry_after()));
    }
  }
  if (response.isolated()) text += " (this pod only)";
  if (response.degraded()) text += " (degraded)";
  return text + "\n";
}

std::string DescribeBreakers(const ListResponse& response) {
  int width = 12;
  for (const BreakerStatus& status : response.breakers()) {
    width = std::max(width, static_cast<int>(NameOf(status).size()));
  }
  std::string text =
      absl::StrFormat("%-*s %-13s %6s %9s %7s %7s %5s %11s %11s  %s\n", width,
                      "BREAKER", "STATE", "ADMITS", "CALLS", "FAIL%", "SLOW%",
                      "PODS", "ALLOWED", "REJECTED", "WHY");
  for (const BreakerStatus& status : response.breakers()) {
    const BreakerStatus::Counts& counts = CountsOf(status);
    absl::StrAppendFormat(
        &text, "%-*s %-13s %5.0f%% %9d %7s %7s %5d %11d %11d  %s\n", width,
        NameOf(status), StateWord(status.state()), 100 * status.admit_ratio(),
        counts.calls(), Percent(counts.failures(), counts.calls()),
        Percent(counts.slow(), counts.calls()), counts.reporters(),
        status.allowed(), status.rejected(), WhyText(status));
  }
  return text;
}

std::string DescribeWatched(const WatchResponse& response) {
  if (response.breaker().empty()) {
    return "some are missing before this\n";
  }
  return absl::StrFormat(
      "%s%s%s %s, generation %d, admits %.0f%%, good for %s\n",
      response.breaker(), response.method().empty() ? "" : "/",
      response.method(), StateWord(response.state()), response.generation(),
      100 * response.admit_ratio(), TimeText(response.valid_for()));
}

}  // namespace outrigger::cli
