// Whether our reader of GetRequest and protobuf's agree on some bytes. For the
// test and for the fuzzer.
#ifndef OUTRIGGER_TESTS_RPC_CACHE_WIRE_AGREEMENT_H_
#define OUTRIGGER_TESTS_RPC_CACHE_WIRE_AGREEMENT_H_

#include <google/protobuf/stubs/logging.h>

#include <string>

#include "outrigger/cache/v1/cache.pb.h"
#include "rpc/cache/get_wire.h"

namespace outrigger::rpc {

// Empty if they agree; else what they disagree about.
inline std::string GetDisagreement(const std::string& bytes) {
  // Protobuf would log every text that is not UTF-8.
  google::protobuf::SetLogHandler(nullptr);
  cache::v1::GetRequest message;
  GetFields fields;
  const bool parsed = message.ParseFromString(bytes);
  if (parsed != ReadGetRequest(bytes, &fields)) {
    return parsed ? "only protobuf accepts it" : "only we accept it";
  }
  if (!parsed) return "";
  if (fields.ns != message.namespace_()) return "namespace";
  if (fields.key != message.key()) return "key";
  if (fields.if_not_version != message.if_not_version()) return "if_not";
  if (fields.min_version != message.min_version()) return "min_version";
  if (fields.has_max_wait != message.has_max_wait() ||
      fields.max_wait_seconds != message.max_wait().seconds() ||
      fields.max_wait_nanos != message.max_wait().nanos()) {
    return "max_wait";
  }
  return fields.no_fill == message.no_fill() ? "" : "no_fill";
}

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_TESTS_RPC_CACHE_WIRE_AGREEMENT_H_
