// absl::Duration to and from the protos'.
#ifndef OUTRIGGER_CLIENT_CORE_DURATIONS_H_
#define OUTRIGGER_CLIENT_CORE_DURATIONS_H_

#include <google/protobuf/duration.pb.h>

#include "absl/time/time.h"

namespace outrigger::client::internal {

inline absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

inline void ToProto(absl::Duration duration,
                    google::protobuf::Duration* proto) {
  const auto seconds =
      absl::IDivDuration(duration, absl::Seconds(1), &duration);
  proto->set_seconds(seconds);
  proto->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(duration)));
}

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CORE_DURATIONS_H_
