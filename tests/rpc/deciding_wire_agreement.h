// Whether our readers of the breaker's and the pool's requests agree with
// protobuf's on some bytes. For the test and for the fuzzers.
#ifndef OUTRIGGER_TESTS_RPC_DECIDING_WIRE_AGREEMENT_H_
#define OUTRIGGER_TESTS_RPC_DECIDING_WIRE_AGREEMENT_H_

#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <string>

#include "outrigger/breaker/v1/breaker.pb.h"
#include "outrigger/pool/v1/pool.pb.h"
#include "rpc/breaker/permit_wire.h"
#include "rpc/pool/slot_wire.h"

namespace outrigger::rpc {

// Parses with both; true if both did, else whether they differ is in `wrong`.
template <typename Message, typename Fields>
bool BothParse(const std::string& bytes, Message* message, Fields* fields,
               bool (*read)(absl::string_view, Fields*), std::string* wrong) {
  // Protobuf would log every text that is not UTF-8.
  google::protobuf::SetLogHandler(nullptr);
  const bool parsed = message->ParseFromString(bytes);
  if (parsed != read(bytes, fields)) {
    *wrong = parsed ? "only protobuf accepts it" : "only we accept it";
    return false;
  }
  return parsed;
}

// Each is empty if they agree; else what they disagree about.
inline std::string PermitDisagreement(const std::string& bytes) {
  breaker::v1::AcquireRequest message;
  PermitFields fields;
  std::string wrong;
  if (!BothParse(bytes, &message, &fields, ReadPermitRequest, &wrong)) {
    return wrong;
  }
  if (fields.breaker != message.breaker()) return "breaker";
  if (fields.method != message.method()) return "method";
  if (fields.timeout_seconds != message.timeout().seconds() ||
      fields.timeout_nanos != message.timeout().nanos()) {
    return "timeout";
  }
  return fields.session == message.session() ? "" : "session";
}

inline std::string SlotDisagreement(const std::string& bytes) {
  pool::v1::AcquireRequest message;
  SlotFields fields;
  std::string wrong;
  if (!BothParse(bytes, &message, &fields, ReadSlotRequest, &wrong)) {
    return wrong;
  }
  if (fields.pool != message.pool()) return "pool";
  if (fields.session_key != message.session_key()) return "session_key";
  if (fields.role != message.role()) return "role";
  if (fields.has_max_wait != message.has_max_wait() ||
      fields.max_wait_seconds != message.max_wait().seconds() ||
      fields.max_wait_nanos != message.max_wait().nanos()) {
    return "max_wait";
  }
  if (fields.attempt != message.attempt()) return "attempt";
  return std::equal(fields.avoid.begin(), fields.avoid.end(),
                    message.avoid().begin(), message.avoid().end())
             ? ""
             : "avoid";
}

inline std::string ReleaseDisagreement(const std::string& bytes) {
  pool::v1::ReleaseRequest message;
  ReleaseFields fields;
  std::string wrong;
  if (!BothParse(bytes, &message, &fields, ReadReleaseRequest, &wrong)) {
    return wrong;
  }
  if (fields.lease_id != message.lease_id()) return "lease_id";
  if (fields.result != message.result()) return "result";
  return fields.duration_seconds == message.duration().seconds() &&
                 fields.duration_nanos == message.duration().nanos()
             ? ""
             : "duration";
}

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_TESTS_RPC_DECIDING_WIRE_AGREEMENT_H_
