#include "coord/limit/key_hash.h"

#include <cstring>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace outrigger::coord {
namespace {

constexpr size_t kOnStack = 256;

// The limit, its algorithm, then each value after its length: no two keys have
// the same bytes.
size_t EncodedSize(const limit::Match& match,
                   absl::Span<const limit::Attribute> attributes) {
  size_t size = 4;
  for (const uint8_t at : match.key_values) {
    size += 4 + attributes[at].value.size();
  }
  return size;
}

void Encode(uint16_t limit_id, const limit::Match& match,
            absl::Span<const limit::Attribute> attributes, char* out) {
  const limit::Shape& shape = *match.shape;
  const uint16_t kind = static_cast<uint16_t>(shape.algorithm) * 2 +
                        (shape.burst > limit::kExactWindowLimit &&
                         shape.algorithm == limit::Algorithm::kSlidingWindow);
  std::memcpy(out, &limit_id, 2);
  std::memcpy(out + 2, &kind, 2);
  out += 4;
  for (const uint8_t at : match.key_values) {
    const absl::string_view value = attributes[at].value;
    const auto length = static_cast<uint32_t>(value.size());
    std::memcpy(out, &length, 4);
    std::memcpy(out + 4, value.data(), value.size());
    out += 4 + value.size();
  }
}

}  // namespace

KeyHash HashKey(uint64_t seed, uint16_t limit_id, const limit::Match& match,
                absl::Span<const limit::Attribute> attributes) {
  const size_t size = EncodedSize(match, attributes);
  XXH128_hash_t hash;
  if (size <= kOnStack) {
    char buffer[kOnStack];
    Encode(limit_id, match, attributes, buffer);
    hash = XXH3_128bits_withSeed(buffer, size, seed);
  } else {
    std::string buffer(size, '\0');
    Encode(limit_id, match, attributes, buffer.data());
    hash = XXH3_128bits_withSeed(buffer.data(), size, seed);
  }
  return {hash.low64, hash.high64};
}

}  // namespace outrigger::coord
