#include "rpc/ratelimit/allow_wire.h"

#include "rpc/wire/wire_reader.h"
#include "rpc/wire/wire_writer.h"

namespace outrigger::rpc {
namespace {

bool ReadMapEntry(WireReader reader, limit::Attribute* attribute) {
  uint32_t number;
  WireType type;
  while (reader.ReadTag(&number, &type)) {
    if ((number == 1 || number == 2) && type == WireType::kBytes) {
      absl::string_view* text =
          number == 1 ? &attribute->name : &attribute->value;
      if (!ReadText(reader, text)) return false;
    } else if (!reader.Skip(number, type)) {
      return false;
    }
  }
  return reader.ok();
}

void AddAttribute(const limit::Attribute& attribute, AllowFields* fields) {
  for (limit::Attribute& known : fields->attributes) {
    if (known.name == attribute.name) {
      known.value = attribute.value;
      return;
    }
  }
  if (fields->attributes.size() == kMaxAttributes) {
    fields->too_many_attributes = true;
  } else {
    fields->attributes.push_back(attribute);
  }
}

// One field of AllowRequest that is a message or a text.
bool ReadBytesField(uint32_t number, WireReader& reader, AllowFields* fields) {
  absl::string_view bytes;
  if (!reader.ReadBytes(&bytes)) return false;
  if (number == 4) {
    fields->limit = bytes;
    return IsUtf8(bytes);
  }
  if (number == 3) {
    return ReadDuration(reader.Nested(bytes), &fields->max_wait_seconds,
                        &fields->max_wait_nanos);
  }
  limit::Attribute attribute;
  if (!ReadMapEntry(reader.Nested(bytes), &attribute)) return false;
  AddAttribute(attribute, fields);
  return true;
}

bool ReadBatch(absl::string_view bytes, uint32_t requests_number,
               BatchFields* fields) {
  WireReader reader(bytes);
  uint32_t number;
  WireType type;
  while (reader.ReadTag(&number, &type)) {
    bool read;
    if (number == requests_number && type == WireType::kBytes) {
      read = reader.ReadBytes(&fields->requests.emplace_back());
    } else if (number == 1 && type == WireType::kVarint) {
      read = reader.ReadVarint(&fields->id);
    } else {
      read = reader.Skip(number, type);
    }
    if (!read) return false;
  }
  return reader.ok();
}

}  // namespace

bool ReadAllowRequest(absl::string_view bytes, AllowFields* fields) {
  WireReader reader(bytes);
  uint32_t number;
  WireType type;
  while (reader.ReadTag(&number, &type)) {
    bool read;
    uint64_t value = 0;
    if (type == WireType::kBytes &&
        (number == 1 || number == 3 || number == 4)) {
      read = ReadBytesField(number, reader, fields);
    } else if (type == WireType::kVarint && number == 2) {
      read = reader.ReadVarint(&fields->cost);
    } else if (type == WireType::kVarint && number == 5) {
      read = reader.ReadVarint(&value);
      fields->detail = value != 0;
    } else {
      read = reader.Skip(number, type);
    }
    if (!read) return false;
  }
  return reader.ok();
}

bool ReadAllowMany(absl::string_view bytes, BatchFields* fields) {
  return ReadBatch(bytes, 1, fields);
}

bool ReadAllowStream(absl::string_view bytes, BatchFields* fields) {
  return ReadBatch(bytes, 2, fields);
}

namespace {

uint64_t WholeTokens(double tokens) {
  return tokens > 0 ? static_cast<uint64_t>(tokens) : 0;
}

void AppendLimitStatus(const coord::LimitAnswer& answer, std::string* out) {
  const limit::Verdict& verdict = answer.verdict;
  AppendText(1, answer.name, out);
  AppendBool(2, verdict.allowed, out);
  AppendUint(3, WholeTokens(verdict.remaining), out);
  AppendUint(4, WholeTokens(answer.burst), out);
  AppendMicros(5, verdict.reset_after_us, out);
  if (!verdict.allowed && verdict.retry_after_us != limit::kNever) {
    AppendMicros(6, verdict.retry_after_us, out);
  }
  AppendBool(7, answer.shadow, out);
  AppendMicros(8, answer.window_us, out);
  AppendBool(9, answer.unlimited, out);
}

}  // namespace

void AppendAllowResponse(const coord::AllowAnswer& answer, std::string* out) {
  const coord::LimitAnswer& decided = answer.decided;
  AppendBool(1, answer.allowed, out);
  if (!decided.name.empty()) {
    AppendText(2, decided.name, out);
    AppendUint(3, WholeTokens(decided.verdict.remaining), out);
    AppendMicros(4, decided.verdict.reset_after_us, out);
  }
  if (!answer.allowed && decided.verdict.retry_after_us != limit::kNever) {
    AppendMicros(5, decided.verdict.retry_after_us, out);
  }
  if (answer.waited_us > 0) AppendMicros(6, answer.waited_us, out);
  AppendBool(7, answer.degraded, out);
  for (const coord::LimitAnswer& status : answer.statuses) {
    AppendMessage(8, out, [&] { AppendLimitStatus(status, out); });
  }
}

void AppendAllowResponseField(int field, const coord::AllowAnswer& answer,
                              std::string* out) {
  AppendMessage(field, out, [&] { AppendAllowResponse(answer, out); });
}

}  // namespace outrigger::rpc
