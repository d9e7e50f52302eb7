#include "rpc/pool/slot_wire.h"

#include "rpc/wire/wire_reader.h"
#include "rpc/wire/wire_writer.h"

namespace outrigger::rpc {
namespace {

bool ReadBytesField(uint32_t number, WireReader& reader, SlotFields* fields) {
  absl::string_view bytes;
  switch (number) {
    case 1:
      return ReadText(reader, &fields->pool);
    case 2:
      return ReadText(reader, &fields->session_key);
    case 4:
      fields->has_max_wait = true;
      return reader.ReadBytes(&bytes) &&
             ReadDuration(reader.Nested(bytes), &fields->max_wait_seconds,
                          &fields->max_wait_nanos);
    case 6:
      return ReadText(reader, &fields->avoid.emplace_back());
    default:
      return reader.Skip(number, WireType::kBytes);
  }
}

bool ReadNumberField(uint32_t number, WireReader& reader, SlotFields* fields) {
  uint64_t value;
  if (!reader.ReadVarint(&value)) return false;
  if (number == 3) fields->role = static_cast<int32_t>(value);
  if (number == 5) fields->attempt = static_cast<uint32_t>(value);
  return true;
}

void AppendEndpoint(const coord::SlotEndpoint& endpoint, std::string* out) {
  AppendMessage(4, out, [&] {
    AppendText(1, endpoint.address, out);
    AppendText(2, endpoint.zone, out);
    AppendUint(3, static_cast<uint64_t>(endpoint.role), out);
    AppendBool(4, endpoint.backup, out);
  });
}

void AppendNonZero(int field, Duration duration, std::string* out) {
  if (duration > Duration::zero()) AppendDuration(field, duration, out);
}

}  // namespace

bool ReadSlotRequest(absl::string_view bytes, SlotFields* fields) {
  WireReader reader(bytes);
  uint32_t number;
  WireType type;
  while (reader.ReadTag(&number, &type)) {
    bool read;
    if (type == WireType::kBytes) {
      read = ReadBytesField(number, reader, fields);
    } else if (type == WireType::kVarint) {
      read = ReadNumberField(number, reader, fields);
    } else {
      read = reader.Skip(number, type);
    }
    if (!read) return false;
  }
  return reader.ok();
}

bool ReadReleaseRequest(absl::string_view bytes, ReleaseFields* fields) {
  WireReader reader(bytes);
  uint32_t number;
  WireType type;
  while (reader.ReadTag(&number, &type)) {
    bool read;
    if (type == WireType::kVarint && number == 1) {
      read = reader.ReadVarint(&fields->lease_id);
    } else if (type == WireType::kVarint && number == 2) {
      uint64_t value = 0;
      read = reader.ReadVarint(&value);
      fields->result = static_cast<int32_t>(value);
    } else if (type == WireType::kBytes && number == 3) {
      absl::string_view duration;
      read = reader.ReadBytes(&duration) &&
             ReadDuration(reader.Nested(duration), &fields->duration_seconds,
                          &fields->duration_nanos);
    } else {
      read = reader.Skip(number, type);
    }
    if (!read) return false;
  }
  return reader.ok();
}

void AppendSlotResponse(const coord::SlotAnswer& answer, std::string* out) {
  AppendBool(1, answer.acquired, out);
  AppendUint(2, answer.lease_id, out);
  AppendUint(3, answer.fencing_token, out);
  if (answer.endpoint != nullptr) AppendEndpoint(*answer.endpoint, out);
  AppendNonZero(5, answer.expires_after, out);
  AppendNonZero(6, answer.waited, out);
  AppendNonZero(7, answer.retry_after, out);
  AppendUint(8, static_cast<uint64_t>(answer.reason), out);
  AppendUint(9, static_cast<uint64_t>(answer.advice), out);
  AppendBool(10, answer.degraded, out);
  AppendBool(11, answer.overflow, out);
  AppendBool(12, answer.panic, out);
}

void AppendReleaseResponse(bool released, std::string* out) {
  AppendBool(1, released, out);
}

}  // namespace outrigger::rpc
