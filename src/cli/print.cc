#include "cli/print.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace outrigger::cli {
namespace {

std::string DescribeStatus(const ratelimit::v1::LimitStatus& status) {
  if (status.unlimited()) {
    return absl::StrFormat("  %-24s unlimited\n", status.limit());
  }
  std::string line = absl::StrFormat(
      "  %-24s %s, %d left of %d, full again in %s", status.limit(),
      status.allowed() ? "allows" : "denies", status.remaining(),
      status.burst(), TimeText(status.reset_after()));
  if (status.has_retry_after()) {
    absl::StrAppend(&line, ", retry after ", TimeText(status.retry_after()));
  }
  if (status.shadow()) absl::StrAppend(&line, " (shadow)");
  return absl::StrCat(line, "\n");
}

}  // namespace

// More than milliseconds is noise to a reader.
std::string TimeText(const google::protobuf::Duration& duration) {
  const absl::Duration exact =
      absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
  if (exact < absl::Milliseconds(1)) return absl::FormatDuration(exact);
  return absl::FormatDuration(absl::Ceil(exact, absl::Milliseconds(1)));
}

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options)
           .ok()) {
    return "{}\n";
  }
  return absl::StrCat(json, "\n");
}

std::string DescribeAnswer(const ratelimit::v1::AllowResponse& response) {
  std::string text = response.allowed() ? "allowed" : "denied";
  if (response.limit().empty()) {
    absl::StrAppend(&text, ": no limit applies");
  } else if (response.allowed()) {
    absl::StrAppend(&text, " by ", response.limit(), ": ", response.remaining(),
                    " left, full again in ", TimeText(response.reset_after()));
  } else if (response.has_retry_after()) {
    absl::StrAppend(&text, " by ", response.limit(), ": retry after ",
                    TimeText(response.retry_after()));
  } else {
    absl::StrAppend(&text, " by ", response.limit(),
                    ": never, the cost is above its burst");
  }
  if (response.has_waited()) {
    absl::StrAppend(&text, ", waited ", TimeText(response.waited()));
  }
  if (response.degraded()) absl::StrAppend(&text, " (degraded)");
  text += "\n";
  for (const auto& status : response.statuses()) text += DescribeStatus(status);
  return text;
}

}  // namespace outrigger::cli
