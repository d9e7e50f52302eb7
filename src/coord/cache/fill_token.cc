#include "coord/cache/fill_token.h"

namespace outrigger::coord {
namespace {

constexpr size_t kBytes = 25;

void Append(uint64_t number, std::string* out) {
  for (int shift = 0; shift < 64; shift += 8) {
    out->push_back(static_cast<char>(number >> shift));
  }
}

uint64_t Read(absl::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < 8; ++i) {
    number |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  }
  return number;
}

}  // namespace

std::string EncodeFillToken(const FillToken& token) {
  std::string bytes;
  bytes.reserve(kBytes);
  bytes.push_back(token.local ? 1 : 0);
  Append(token.lease.version, &bytes);
  Append(token.lease.nonce, &bytes);
  Append(token.as_of, &bytes);
  return bytes;
}

std::optional<FillToken> DecodeFillToken(absl::string_view bytes) {
  if (bytes.size() != kBytes || (bytes[0] != 0 && bytes[0] != 1)) {
    return std::nullopt;
  }
  FillToken token;
  token.local = bytes[0] == 1;
  token.lease.version = Read(bytes.substr(1));
  token.lease.nonce = Read(bytes.substr(9));
  token.as_of = Read(bytes.substr(17));
  if (token.lease.nonce == 0) return std::nullopt;
  return token;
}

}  // namespace outrigger::coord
