// Answers as text for people and for scripts.
#ifndef OUTRIGGER_CLI_PRINT_H_
#define OUTRIGGER_CLI_PRINT_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>

#include <string>

#include "outrigger/ratelimit/v1/rate_limiter.pb.h"

namespace outrigger::cli {

// One line of JSON, with the .proto's field names, all scalars included.
std::string ToJson(const google::protobuf::Message& message);

// "1.5s": to the millisecond, rounded up, if it is longer than one.
std::string TimeText(const google::protobuf::Duration& duration);

// "allowed by per_user: 19 left of it, full again in 600ms"; a further line for
// each limit if there are details.
std::string DescribeAnswer(const ratelimit::v1::AllowResponse& response);

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_PRINT_H_
