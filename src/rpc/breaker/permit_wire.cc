#include "rpc/breaker/permit_wire.h"

#include "rpc/wire/wire_reader.h"
#include "rpc/wire/wire_writer.h"

namespace outrigger::rpc {
namespace {

bool ReadBytesField(uint32_t number, WireReader& reader, PermitFields* fields) {
  if (number < 3) {
    return ReadText(reader, number == 1 ? &fields->breaker : &fields->method);
  }
  absl::string_view bytes;
  return reader.ReadBytes(&bytes) &&
         ReadDuration(reader.Nested(bytes), &fields->timeout_seconds,
                      &fields->timeout_nanos);
}

}  // namespace

bool ReadPermitRequest(absl::string_view bytes, PermitFields* fields) {
  WireReader reader(bytes);
  uint32_t number;
  WireType type;
  while (reader.ReadTag(&number, &type)) {
    bool read;
    if (type == WireType::kBytes && number <= 3) {
      read = ReadBytesField(number, reader, fields);
    } else if (type == WireType::kVarint && number == 4) {
      read = reader.ReadVarint(&fields->session);
    } else {
      read = reader.Skip(number, type);
    }
    if (!read) return false;
  }
  return reader.ok();
}

void AppendPermitResponse(const coord::PermitAnswer& answer, std::string* out) {
  AppendBool(1, answer.allowed, out);
  AppendUint(2, static_cast<uint64_t>(answer.state), out);
  AppendUint(3, answer.generation, out);
  AppendUint(4, answer.permit, out);
  if (answer.retry_after > Duration::zero()) {
    AppendDuration(5, answer.retry_after, out);
  }
  AppendUint(6, static_cast<uint64_t>(answer.reason), out);
  AppendText(7, answer.message, out);
  AppendBool(8, answer.degraded, out);
  AppendBool(9, answer.isolated, out);
  AppendBool(10, answer.probe, out);
}

}  // namespace outrigger::rpc
