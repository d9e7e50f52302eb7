// Any bytes as a record from the store: read without a crash, and what is taken
// is taken again as the same when it is written anew.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "cache/record.h"

namespace outrigger::cache {
namespace {

void Check(absl::string_view bytes) {
  absl::StatusOr<Record> record = DecodeRecord(bytes);
  if (!record.ok()) return;
  if (!DecodeRecordHeader(bytes).ok()) abort();
  std::string again = EncodeRecord(*record, 0);
  FillStoreFields(record->version, record->fresh_until_ms, record->load_ms,
                  &again);
  absl::StatusOr<Record> same = DecodeRecord(again);
  if (!same.ok() || same->value != record->value ||
      same->tags != record->tags || same->version != record->version ||
      same->as_of != record->as_of || same->absent != record->absent) {
    abort();
  }
}

}  // namespace
}  // namespace outrigger::cache

// The first byte chooses: the rest as it is (mostly refused by its checksum),
// or as the value of a record that is then damaged at one place.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace outrigger::cache;  // NOLINT
  if (size < 4) return 0;
  const absl::string_view rest(reinterpret_cast<const char*>(data) + 3,
                               size - 3);
  Check(rest);
  Record record;
  record.tags.assign(data[0] % (kMaxTags + 1), std::string(data[0] / 2, 't'));
  record.value = std::string(rest);
  std::string bytes = EncodeRecord(record, 0);
  Check(bytes);
  bytes[data[1] % bytes.size()] ^= static_cast<char>(data[2]);
  Check(bytes);
  return 0;
}
