#include "rpc/cache/get_wire.h"

#include <cstring>
#include <utility>

#include "rpc/wire/wire_reader.h"
#include "rpc/wire/wire_writer.h"

namespace outrigger::rpc {
namespace {

using coord::CacheStatus;
using coord::GetAnswer;

bool ReadTextField(uint32_t number, WireReader& reader, GetFields* fields) {
  return ReadText(reader, number == 1 ? &fields->ns : &fields->key);
}

bool ReadMaxWait(WireReader& reader, GetFields* fields) {
  absl::string_view bytes;
  if (!reader.ReadBytes(&bytes)) return false;
  fields->has_max_wait = true;
  return ReadDuration(reader.Nested(bytes), &fields->max_wait_seconds,
                      &fields->max_wait_nanos);
}

bool ReadNumber(uint32_t number, WireReader& reader, GetFields* fields) {
  uint64_t value;
  if (!reader.ReadVarint(&value)) return false;
  switch (number) {
    case 3:
      fields->if_not_version = value;
      break;
    case 4:
      fields->min_version = value;
      break;
    case 6:
      fields->no_fill = value != 0;
      break;
    default:  // unknown
      break;
  }
  return true;
}

// The proto's numbers.
uint64_t StatusNumber(CacheStatus status) {
  return static_cast<uint64_t>(status) + 1;
}
static_assert(static_cast<int>(CacheStatus::kHit) == 0 &&
              static_cast<int>(CacheStatus::kNotModified) == 4);

void AppendNonZero(int field, Duration duration, std::string* out) {
  if (duration > Duration::zero()) AppendDuration(field, duration, out);
}

// The fields before the value's bytes, its tag and length included.
void AppendHead(const GetAnswer& answer, size_t value_size, std::string* out) {
  constexpr char kValueTag = 2 << 3 | 2;
  AppendUint(1, StatusNumber(answer.status), out);
  if (value_size == 0) return;
  out->push_back(kValueTag);
  AppendVarint(value_size, out);
}

// The fields after the value's bytes.
void AppendTail(const GetAnswer& answer, std::string* out) {
  AppendUint(3, answer.version(), out);
  AppendNonZero(4, answer.age, out);
  AppendNonZero(5, answer.ttl, out);
  AppendNonZero(6, answer.stale_ttl, out);
  AppendBool(7, answer.coherent, out);
  AppendText(8, answer.fill_token, out);
  AppendBool(9, answer.refresh, out);
  AppendBool(10, answer.degraded, out);
  AppendNonZero(11, answer.waited, out);
}

void DropEntry(void* entry) {
  cache::EntryRef::Adopt(static_cast<cache::Entry*>(entry));
}

// The value where it lies.
grpc::Slice ShareValue(const GetAnswer& answer) {
  const absl::string_view value = ValueOf(answer);
  cache::EntryRef share = answer.entry;
  return grpc::Slice(const_cast<char*>(value.data()), value.size(), DropEntry,
                     share.Release());
}

grpc::Slice Concatenate(absl::string_view head, absl::string_view value,
                        absl::string_view tail) {
  grpc::Slice slice(head.size() + value.size() + tail.size());
  char* at = reinterpret_cast<char*>(const_cast<uint8_t*>(slice.begin()));
  for (const absl::string_view part : {head, value, tail}) {
    if (part.empty()) continue;
    std::memcpy(at, part.data(), part.size());
    at += part.size();
  }
  return slice;
}

}  // namespace

absl::string_view ValueOf(const GetAnswer& answer) {
  const bool has_value = answer.status == CacheStatus::kHit ||
                         answer.status == CacheStatus::kStale;
  return has_value ? answer.entry->value() : absl::string_view();
}

bool ReadGetRequest(absl::string_view bytes, GetFields* fields) {
  WireReader reader(bytes);
  uint32_t number;
  WireType type;
  while (reader.ReadTag(&number, &type)) {
    bool read;
    if (type == WireType::kBytes && (number == 1 || number == 2)) {
      read = ReadTextField(number, reader, fields);
    } else if (type == WireType::kBytes && number == 5) {
      read = ReadMaxWait(reader, fields);
    } else if (type == WireType::kVarint) {
      read = ReadNumber(number, reader, fields);
    } else {
      read = reader.Skip(number, type);
    }
    if (!read) return false;
  }
  return reader.ok();
}

bool ReadGetMany(absl::string_view bytes, GetManyFields* requests) {
  WireReader reader(bytes);
  uint32_t number;
  WireType type;
  while (reader.ReadTag(&number, &type)) {
    const bool read = number == 1 && type == WireType::kBytes
                          ? reader.ReadBytes(&requests->emplace_back())
                          : reader.Skip(number, type);
    if (!read) return false;
  }
  return reader.ok();
}

grpc::ByteBuffer GetResponseOf(const GetAnswer& answer) {
  thread_local std::string head, tail;  // keep their capacity
  head.clear();
  tail.clear();
  const absl::string_view value = ValueOf(answer);
  AppendHead(answer, value.size(), &head);
  AppendTail(answer, &tail);
  if (value.size() < kLeastShared) {
    const grpc::Slice slice = Concatenate(head, value, tail);
    return grpc::ByteBuffer(&slice, 1);
  }
  const grpc::Slice slices[] = {grpc::Slice(head), ShareValue(answer),
                                grpc::Slice(tail)};
  return grpc::ByteBuffer(slices, 3);
}

void GetManyWriter::Add(const GetAnswer& answer) {
  constexpr char kResponseTag = 1 << 3 | 2;
  const absl::string_view value = ValueOf(answer);
  std::string head, tail;
  AppendHead(answer, value.size(), &head);
  AppendTail(answer, &tail);
  bytes_.push_back(kResponseTag);
  AppendVarint(head.size() + value.size() + tail.size(), &bytes_);
  bytes_ += head;
  if (value.size() < kLeastShared) {
    bytes_.append(value.data(), value.size());
  } else {
    Flush();
    slices_.push_back(ShareValue(answer));
  }
  bytes_ += tail;
}

grpc::ByteBuffer GetManyWriter::Finish() {
  Flush();
  return grpc::ByteBuffer(slices_.data(), slices_.size());
}

void GetManyWriter::Flush() {
  if (bytes_.empty()) return;
  slices_.emplace_back(bytes_);
  bytes_.clear();
}

}  // namespace outrigger::rpc
