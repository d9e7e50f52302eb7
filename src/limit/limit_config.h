// One configured limit: to whom it applies, how much it allows, who decides.
#ifndef OUTRIGGER_LIMIT_LIMIT_CONFIG_H_
#define OUTRIGGER_LIMIT_LIMIT_CONFIG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "limit/shape.h"

namespace outrigger::limit {

// Who decides; see the README's table of modes.
enum class Coordination : uint8_t { kLeased, kExact, kLocal };
absl::string_view CoordinationName(Coordination coordination);

// What decides while the fleet's store is out of reach, once leases are spent.
enum class OnStoreLoss : uint8_t { kShare, kDeny, kAllow };
absl::string_view OnStoreLossName(OnStoreLoss policy);

// Requires a request to have `attribute`, with a value that `glob` matches
// ('*' any run of bytes, '?' any one byte, '\' takes the next byte literally).
struct AttributeMatch {
  std::string attribute;
  std::string glob;
  bool operator==(const AttributeMatch&) const = default;
};

// Other numbers for some requests of a limit. They share the limit's buckets.
struct Override {
  // All must hold. Not empty.
  std::vector<AttributeMatch> match;
  // The limit does not apply to these requests at all.
  bool unlimited = false;
  // Unset: the limit's own. A rate without a burst means burst = rate's tokens.
  // For windows both must be equal. Not for adaptive limits.
  std::optional<double> tokens;
  std::optional<int64_t> period_us;
  std::optional<double> burst;
  bool operator==(const Override&) const = default;
};

struct LimitConfig {
  // 1 to 64 of [A-Za-z0-9_.-]; unique.
  std::string name;
  // Attributes whose values make the bucket's key; the limit applies only to
  // requests that have all of them. Empty: one bucket for all. At most 16.
  std::vector<std::string> key;
  // All must hold for the limit to apply. Empty: always. At most 16.
  std::vector<AttributeMatch> match;
  Shape shape;
  // For Algorithm::kAdaptive only. Then shape.tokens per second is `initial`.
  AdaptiveShape adaptive;
  Coordination coordination = Coordination::kLeased;
  OnStoreLoss on_store_loss = OnStoreLoss::kShare;
  // The first whose match holds is used. At most 256.
  std::vector<Override> overrides;
  // Decide and count, but never deny.
  bool shadow = false;
  bool operator==(const LimitConfig&) const = default;
};

// OK, or kInvalidArgument with the field's path within the limit, e.g.
// "overrides[1].burst: …".
absl::Status Validate(const LimitConfig& config);

inline constexpr int kMaxLimits = 1000;

}  // namespace outrigger::limit

#endif  // OUTRIGGER_LIMIT_LIMIT_CONFIG_H_
