// Requests that no receiver finds too long.
#ifndef OUTRIGGER_OTLP_RUN_SPLIT_H_
#define OUTRIGGER_OTLP_RUN_SPLIT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "otlp/run/delivery.h"

namespace outrigger::otlp {

// OTLP allows 64 MiB, but receivers commonly take gRPC's default, 4 MiB.
inline constexpr size_t kMaxRequestBytes = (4 << 20) - (64 << 10);

// Encodes `items` into as few requests as `most_bytes` lets, by halving. Adds
// to `too_large` for each item that alone is too long.
template <typename Item, typename Encode>
void EncodeInto(absl::Span<const Item> items, const Encode& encode,
                size_t most_bytes, std::vector<Request>& requests,
                size_t& too_large) {
  if (items.empty()) return;
  std::string body = encode(items);
  if (body.size() <= most_bytes) {
    requests.push_back({.body = std::move(body), .items = items.size()});
    return;
  }
  if (items.size() == 1) {
    ++too_large;
    return;
  }
  const size_t half = items.size() / 2;
  body = std::string();  // before more of them are made
  EncodeInto(items.first(half), encode, most_bytes, requests, too_large);
  EncodeInto(items.subspan(half), encode, most_bytes, requests, too_large);
}

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_RUN_SPLIT_H_
