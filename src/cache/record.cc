#include "cache/record.h"

#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace outrigger::cache {
namespace {

constexpr char kFormat = 1;
constexpr uint8_t kCompressed = 1;
constexpr uint8_t kAbsent = 2;

// Where the fields are.
constexpr size_t kFlagsAt = 3;
constexpr size_t kVersionAt = 4;
constexpr size_t kFreshUntilAt = 12;
constexpr size_t kLoadAt = 20;
constexpr size_t kAsOfAt = 24;
constexpr size_t kStaleForAt = 32;
constexpr size_t kSizeAt = 36;
constexpr size_t kChecksumAt = 40;

// Saves enough: at least one part of so many.
constexpr size_t kWorthwhilePart = 8;
constexpr int kCompressionLevel = 3;

template <typename T>
T Load(const char* from) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<T>(static_cast<uint8_t>(from[i])) << (8 * i);
  }
  return value;
}

template <typename T>
void Store(T value, char* to) {
  for (size_t i = 0; i < sizeof(T); ++i) {
    to[i] = static_cast<char>(static_cast<uint8_t>(value >> (8 * i)));
  }
}

uint32_t Checksum(absl::string_view bytes) {
  // All before the checksum but the store's fields, which change later.
  char fixed[1 + kChecksumAt - kAsOfAt];
  fixed[0] = bytes[kFlagsAt];
  std::copy_n(bytes.data() + kAsOfAt, kChecksumAt - kAsOfAt, fixed + 1);
  const uint32_t seed = XXH32(fixed, sizeof(fixed), 0);
  return XXH32(bytes.data() + kRecordHeaderBytes,
               bytes.size() - kRecordHeaderBytes, seed);
}

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("cache record: ", what));
}

// Appends `value`, compressed if that is worthwhile; whether it was.
bool AppendCompressed(absl::string_view value, std::string* out) {
  // A context is dear to make and as large as a small value: one for a thread.
  static thread_local const std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)>
      context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  if (context == nullptr) return false;
  const size_t start = out->size();
  // With no more room than this, zstd itself gives up what is not worthwhile.
  const size_t room = value.size() - (value.size() - 1) / kWorthwhilePart - 1;
  out->resize(start + room);
  const size_t size =
      ZSTD_compressCCtx(context.get(), &(*out)[start], room, value.data(),
                        value.size(), kCompressionLevel);
  const bool worthwhile = !ZSTD_isError(size);
  out->resize(start + (worthwhile ? size : 0));
  return worthwhile;
}

// One frame, of exactly `size` bytes of content.
absl::Status Decompress(absl::string_view frame, size_t size,
                        std::string* value) {
  static thread_local const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)>
      context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (context == nullptr) return absl::ResourceExhaustedError("zstd: memory");
  if (ZSTD_getFrameContentSize(frame.data(), frame.size()) != size ||
      ZSTD_findFrameCompressedSize(frame.data(), frame.size()) !=
          frame.size()) {
    return Damaged("another size than its header says");
  }
  value->resize(size);
  const size_t got = ZSTD_decompressDCtx(context.get(), value->data(), size,
                                         frame.data(), frame.size());
  return got == size ? absl::OkStatus() : Damaged("cannot be decompressed");
}

// Takes the tags off the front of `rest`.
absl::Status ReadTags(absl::string_view* rest, std::vector<std::string>* tags) {
  if (rest->empty()) return Damaged("cut off before its tags");
  const size_t count = static_cast<uint8_t>(rest->front());
  rest->remove_prefix(1);
  if (count > kMaxTags) return Damaged("too many tags");
  tags->reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const size_t size = rest->empty() ? 0 : static_cast<uint8_t>((*rest)[0]);
    if (rest->size() < 1 + size) return Damaged("cut off in its tags");
    if (size > kMaxTagBytes) return Damaged("too long a tag");
    tags->emplace_back(rest->substr(1, size));
    rest->remove_prefix(1 + size);
  }
  return absl::OkStatus();
}

uint8_t FlagsOf(absl::string_view bytes) {
  return static_cast<uint8_t>(bytes[kFlagsAt]);
}

}  // namespace

std::string EncodeRecord(const Record& record, int64_t compress_over) {
  std::string out(kRecordHeaderBytes, '\0');
  out.reserve(kRecordHeaderBytes + 1 + record.value.size() +
              record.tags.size() * (1 + kMaxTagBytes));
  out.push_back(static_cast<char>(record.tags.size()));
  for (const std::string& tag : record.tags) {
    out.push_back(static_cast<char>(tag.size()));
    out.append(tag);
  }
  const bool compressed =
      compress_over >= 0 && !record.value.empty() &&
      record.value.size() > static_cast<size_t>(compress_over) &&
      AppendCompressed(record.value, &out);
  if (!compressed) out.append(record.value);
  out[0] = 'O';
  out[1] = 'C';
  out[2] = kFormat;
  out[kFlagsAt] = static_cast<char>((compressed ? kCompressed : 0) |
                                    (record.absent ? kAbsent : 0));
  Store(record.as_of, &out[kAsOfAt]);
  Store(record.stale_for_ms, &out[kStaleForAt]);
  Store(static_cast<uint32_t>(record.value.size()), &out[kSizeAt]);
  Store(Checksum(out), &out[kChecksumAt]);
  return out;
}

absl::StatusOr<RecordHeader> DecodeRecordHeader(absl::string_view bytes) {
  if (bytes.size() < kRecordHeaderBytes) return Damaged("too short");
  if (bytes[0] != 'O' || bytes[1] != 'C') return Damaged("not one");
  if (bytes[2] != kFormat) return Damaged("of another format");
  const uint8_t flags = FlagsOf(bytes);
  const uint32_t size = Load<uint32_t>(&bytes[kSizeAt]);
  if (flags > kAbsent || size > kMaxValueBytes ||
      (size > 0 && flags == kAbsent)) {
    return Damaged("a header that cannot be");
  }
  RecordHeader header;
  header.version = Load<uint64_t>(&bytes[kVersionAt]);
  header.fresh_until_ms =
      static_cast<int64_t>(Load<uint64_t>(&bytes[kFreshUntilAt]));
  header.load_ms = Load<uint32_t>(&bytes[kLoadAt]);
  header.as_of = Load<uint64_t>(&bytes[kAsOfAt]);
  header.stale_for_ms = Load<uint32_t>(&bytes[kStaleForAt]);
  header.absent = flags == kAbsent;
  return header;
}

absl::StatusOr<Record> DecodeRecord(absl::string_view bytes) {
  absl::StatusOr<RecordHeader> header = DecodeRecordHeader(bytes);
  if (!header.ok()) return header.status();
  if (Checksum(bytes) != Load<uint32_t>(&bytes[kChecksumAt])) {
    return Damaged("wrong checksum");
  }
  Record record;
  static_cast<RecordHeader&>(record) = *header;
  absl::string_view rest = bytes.substr(kRecordHeaderBytes);
  if (absl::Status s = ReadTags(&rest, &record.tags); !s.ok()) return s;
  const uint32_t size = Load<uint32_t>(&bytes[kSizeAt]);
  if (FlagsOf(bytes) == kCompressed) {
    absl::Status s = Decompress(rest, size, &record.value);
    if (!s.ok()) return s;
  } else if (rest.size() == size) {
    record.value.assign(rest.data(), rest.size());
  } else {
    return Damaged("another size than its header says");
  }
  return record;
}

void FillStoreFields(uint64_t version, int64_t fresh_until_ms, uint32_t load_ms,
                     std::string* record) {
  Store(version, &(*record)[kVersionAt]);
  Store(static_cast<uint64_t>(fresh_until_ms), &(*record)[kFreshUntilAt]);
  Store(load_ms, &(*record)[kLoadAt]);
}

}  // namespace outrigger::cache
