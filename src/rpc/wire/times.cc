#include "rpc/wire/times.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace outrigger::rpc {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// What an answer needs to reach its caller: so much, but at most a quarter of
// the time that there is.
constexpr Duration kAnswerTime = std::chrono::milliseconds(10);

}  // namespace

absl::Status ReadTime(absl::string_view field, int64_t seconds, int64_t nanos,
                      Duration most, Duration* time) {
  if (seconds < 0 || nanos < 0 || nanos >= kSecond) {
    return absl::InvalidArgumentError(
        absl::StrCat(field,
                     ": must not be negative, with nanos below "
                     "1,000,000,000"));
  }
  *time =
      seconds > most.count() / kSecond
          ? most + Duration(1)
          : std::min(most + Duration(1), Duration(seconds * kSecond + nanos));
  return absl::OkStatus();
}

absl::Status ReadUpToOneHour(absl::string_view field, int64_t seconds,
                             int64_t nanos, Duration* time) {
  absl::Status status = ReadTime(field, seconds, nanos, kOneHour, time);
  if (!status.ok() || *time <= kOneHour) return status;
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": at most 1 hour is allowed"));
}

void SetTime(Duration time, google::protobuf::Duration* to) {
  to->set_seconds(time.count() / kSecond);
  to->set_nanos(static_cast<int32_t>(time.count() % kSecond));
}

Duration UsableTime(MonotonicTime deadline, const Clock& clock) {
  if (deadline == MonotonicTime::max()) return Duration::max();
  const Duration left = std::max(Duration::zero(), deadline - clock.Now());
  return left - std::min(kAnswerTime, left / 4);
}

}  // namespace outrigger::rpc
