// Whether our reader of AllowRequest and protobuf's agree on some bytes. For
// the test and for the fuzzer.
#ifndef OUTRIGGER_TESTS_RPC_WIRE_AGREEMENT_H_
#define OUTRIGGER_TESTS_RPC_WIRE_AGREEMENT_H_

#include <google/protobuf/stubs/logging.h>

#include <map>
#include <string>

#include "outrigger/ratelimit/v1/rate_limiter.pb.h"
#include "rpc/ratelimit/allow_wire.h"

namespace outrigger::rpc {

// Empty if they agree; else what they disagree about.
inline std::string WireDisagreement(const std::string& bytes) {
  // Protobuf would log every text that is not UTF-8.
  google::protobuf::SetLogHandler(nullptr);
  ratelimit::v1::AllowRequest message;
  AllowFields fields;
  const bool parsed = message.ParseFromString(bytes);
  if (parsed != ReadAllowRequest(bytes, &fields)) {
    return parsed ? "only protobuf accepts it" : "only we accept it";
  }
  if (!parsed) return "";
  if (fields.too_many_attributes) {
    return message.attributes_size() > 64 ? "" : "too_many_attributes";
  }
  std::map<std::string, std::string> ours, theirs;
  for (const auto& attribute : fields.attributes) {
    ours[std::string(attribute.name)] = std::string(attribute.value);
  }
  for (const auto& [name, value] : message.attributes()) theirs[name] = value;
  if (ours != theirs || ours.size() != fields.attributes.size()) {
    return "attributes";
  }
  if (fields.cost != (message.has_cost() ? message.cost() : 1)) return "cost";
  if (fields.max_wait_seconds != message.max_wait().seconds() ||
      fields.max_wait_nanos != message.max_wait().nanos()) {
    return "max_wait";
  }
  if (fields.limit != message.limit()) return "limit";
  return fields.detail == message.detail() ? "" : "detail";
}

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_TESTS_RPC_WIRE_AGREEMENT_H_
