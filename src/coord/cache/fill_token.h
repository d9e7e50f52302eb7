// What a caller gets for loading a value, as opaque bytes.
#ifndef OUTRIGGER_COORD_CACHE_FILL_TOKEN_H_
#define OUTRIGGER_COORD_CACHE_FILL_TOKEN_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "store/cache_store.h"

namespace outrigger::coord {

// Says all that a Set needs, so that any sidecar of the fleet can take it.
struct FillToken {
  store::CacheToken lease;
  // The namespace's last invalidation that was known before the lease: later
  // ones are not in what is loaded.
  uint64_t as_of = 0;
  // Given by a pod alone, while the store was out of reach; lease.nonce names
  // it there.
  bool local = false;

  bool operator==(const FillToken&) const = default;
};

std::string EncodeFillToken(const FillToken& token);
// Nothing if no sidecar can have made it.
std::optional<FillToken> DecodeFillToken(absl::string_view bytes);

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_FILL_TOKEN_H_
