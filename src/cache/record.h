// What is stored of a value in the fleet's store: a small header, its tags, and
// its bytes, compressed where that saves enough.
//
//      0  'O' 'C'             what it is
//      2  1                   version of this format
//      3  flags               1 compressed (zstd), 2 known absence
//      4  uint64 version      filled in by the store, as are the next two
//     12  uint64 fresh_until  milliseconds of the store's clock
//     20  uint32 load_ms      how long loading took
//     24  uint64 as_of        the last mark known when loading began
//     32  uint32 stale_for    milliseconds
//     36  uint32 size         of the value, not compressed
//     40  uint32 checksum     XXH32 of the flags and all after load_ms
//     44  uint8 tags          how many; each has its length in a byte
//         value
//
// Numbers are little-endian. Anything else is not ours, or is damaged: a miss.
#ifndef OUTRIGGER_CACHE_RECORD_H_
#define OUTRIGGER_CACHE_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace outrigger::cache {

inline constexpr size_t kRecordHead = 4;          // before the store's fields
inline constexpr size_t kRecordStoreFields = 20;  // version to load_ms
inline constexpr size_t kRecordHeaderBytes = 44;
inline constexpr size_t kMaxTags = 16;
inline constexpr size_t kMaxTagBytes = 128;
// No value is longer, whatever a record says.
inline constexpr size_t kMaxValueBytes = 64 << 20;

// The fields that need no decompression. A value.
struct RecordHeader {
  uint64_t version = 0;
  int64_t fresh_until_ms = 0;
  uint32_t load_ms = 0;
  uint64_t as_of = 0;
  uint32_t stale_for_ms = 0;
  bool absent = false;
};

struct Record : RecordHeader {
  std::vector<std::string> tags;
  std::string value;
};

// The store's fields are left zero. `compress_over`: values of more bytes are
// compressed if that saves at least an eighth; negative: none are. REQUIRES: at
// most kMaxTags tags of at most kMaxTagBytes, and no value if it is absent.
std::string EncodeRecord(const Record& record, int64_t compress_over);

// kDataLoss for anything that EncodeRecord and a store cannot have made.
absl::StatusOr<Record> DecodeRecord(absl::string_view bytes);
// Checks no more than the header; for a record whose end is cut off.
absl::StatusOr<RecordHeader> DecodeRecordHeader(absl::string_view bytes);

// What a store in memory does to a record that it takes.
void FillStoreFields(uint64_t version, int64_t fresh_until_ms, uint32_t load_ms,
                     std::string* record);

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_RECORD_H_
