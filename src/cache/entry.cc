#include "cache/entry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <new>

namespace outrigger::cache {
namespace {

// Loads' lengths are kept as a power of this, in 8 bits.
constexpr double kLoadBase = 1.1;
constexpr uint32_t kMostLoadCode = 255;

uint32_t LoadCode(uint32_t load_ms) {
  if (load_ms == 0) return 0;
  const double power = std::log(load_ms) / std::log(kLoadBase);
  return std::min(1 + static_cast<uint32_t>(std::lround(power)), kMostLoadCode);
}

size_t TagBytes(const std::vector<std::string>& tags) {
  size_t bytes = tags.empty() ? 0 : 1;
  for (const std::string& tag : tags) bytes += 1 + tag.size();
  return bytes;
}

// From here on malloc maps blocks of their own (until some were freed).
constexpr size_t kMappedFrom = 128 << 10;
constexpr size_t kPage = 4096;

}  // namespace

EntryRef Entry::Make(absl::string_view key, absl::string_view value,
                     const std::vector<std::string>& tags,
                     const EntryInfo& info, uint32_t checked) {
  void* const block =
      ::operator new(kHead + key.size() + value.size() + TagBytes(tags));
  return EntryRef::Adopt(new (block) Entry(key, value, tags, info, checked));
}

Entry::Entry(absl::string_view key, absl::string_view value,
             const std::vector<std::string>& tags, const EntryInfo& info,
             uint32_t checked)
    : version_low_(static_cast<uint32_t>(info.version)),
      version_high_(static_cast<uint32_t>(info.version >> 32)),
      fresh_until_(info.fresh_until),
      dead_at_(info.dead_at),
      checked_(checked) {
  assert(key.size() < 1u << kKeyBits && value.size() < 1u << kValueBits);
  const uint32_t load = LoadCode(info.load_ms);
  sizes_ = static_cast<uint32_t>(value.size()) | (tags.empty() ? 0 : kHasTags) |
           (info.absent ? kAbsent : 0) | load << kLoadLowShift;
  spare_ = static_cast<uint16_t>(key.size() | (load >> 3) << kKeyBits);
  char* to = const_cast<char*>(text());
  to = std::copy(key.begin(), key.end(), to);
  to = std::copy(value.begin(), value.end(), to);
  if (tags.empty()) return;
  *to++ = static_cast<char>(tags.size());
  for (const std::string& tag : tags) {
    *to++ = static_cast<char>(tag.size());
    to = std::copy(tag.begin(), tag.end(), to);
  }
}

void Entry::Free() const {
  this->~Entry();
  ::operator delete(const_cast<Entry*>(this));
}

std::vector<absl::string_view> Entry::tags() const {
  std::vector<absl::string_view> tags;
  if (!has_tags()) return tags;
  const char* at = text() + key_size() + value_size();
  tags.resize(static_cast<uint8_t>(*at++));
  for (absl::string_view& tag : tags) {
    const size_t size = static_cast<uint8_t>(*at++);
    tag = {at, size};
    at += size;
  }
  return tags;
}

size_t Entry::TextBytes() const {
  const char* at = text() + key_size() + value_size();
  if (has_tags()) {
    const size_t count = static_cast<uint8_t>(*at++);
    for (size_t i = 0; i < count; ++i) at += 1 + static_cast<uint8_t>(*at);
  }
  return static_cast<size_t>(at - text());
}

uint32_t Entry::load_ms() const {
  // A power is dear, and each read of a value needs one.
  static const std::array<uint32_t, 256>& table =
      *new std::array<uint32_t, 256>([] {
        std::array<uint32_t, 256> made{};
        for (size_t code = 1; code < made.size(); ++code) {
          const double ms = std::pow(kLoadBase, static_cast<double>(code - 1));
          made[code] = static_cast<uint32_t>(std::min(ms + 0.5, 4294967295.0));
        }
        return made;
      }());
  return table[sizes_ >> kLoadLowShift | (spare_ >> kKeyBits) << 3];
}

size_t Entry::AllocatedBytes(size_t size) {
  if (size >= kMappedFrom) return (size + 16 + kPage - 1) / kPage * kPage;
  return std::max<size_t>((size + 8 + 15) / 16 * 16, 32);
}

}  // namespace outrigger::cache
