#include "limit/limit_config.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "limit/override_shape.h"

namespace outrigger::limit {
namespace {

constexpr size_t kMaxName = 64;
constexpr size_t kMaxAttributeName = 128;
constexpr size_t kMaxGlob = 1024;
constexpr size_t kMaxKey = 16;
constexpr size_t kMaxMatch = 16;
constexpr size_t kMaxOverrides = 256;

absl::Status Bad(absl::string_view path, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", what));
}

absl::Status ValidateName(const std::string& name) {
  bool good = !name.empty() && name.size() <= kMaxName;
  for (const char c : name) {
    good = good && (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                    c == '_' || c == '-' || c == '.');
  }
  return good ? absl::OkStatus()
              : Bad("name", "must be 1 to 64 letters, digits, '_', '-' or '.'");
}

absl::Status ValidateAttribute(absl::string_view path,
                               const std::string& name) {
  if (name.empty() || name.size() > kMaxAttributeName) {
    return Bad(path, "an attribute's name has 1 to 128 bytes");
  }
  return absl::OkStatus();
}

absl::Status ValidateMatch(absl::string_view path,
                           const std::vector<AttributeMatch>& match) {
  if (match.size() > kMaxMatch) return Bad(path, "at most 16 attributes");
  absl::flat_hash_set<absl::string_view> seen;
  for (const AttributeMatch& one : match) {
    const std::string at = absl::StrCat(path, ".", one.attribute);
    if (absl::Status s = ValidateAttribute(at, one.attribute); !s.ok())
      return s;
    if (one.glob.size() > kMaxGlob) return Bad(at, "at most 1024 bytes");
    if (!seen.insert(one.attribute).second) return Bad(at, "is there twice");
  }
  return absl::OkStatus();
}

absl::Status ValidateOverride(const std::string& path,
                              const LimitConfig& config,
                              const Override& override) {
  if (override.match.empty()) {
    return Bad(absl::StrCat(path, ".match"),
               "must name at least one attribute");
  }
  absl::Status match =
      ValidateMatch(absl::StrCat(path, ".match"), override.match);
  if (!match.ok()) return match;
  const bool numbers =
      override.tokens.has_value() || override.burst.has_value();
  if (override.unlimited == numbers) {
    return Bad(path, "needs either unlimited: true, or a rate or burst");
  }
  if (numbers && config.shape.algorithm == Algorithm::kAdaptive) {
    return Bad(path, "an adaptive limit has only unlimited overrides");
  }
  absl::Status shape = Validate(OverrideShape(config.shape, override));
  if (!shape.ok()) return Bad(path, shape.message());
  return absl::OkStatus();
}

}  // namespace

Shape OverrideShape(Shape shape, const Override& override) {
  const bool window = shape.algorithm == Algorithm::kSlidingWindow ||
                      shape.algorithm == Algorithm::kFixedWindow;
  if (override.tokens.has_value()) {
    shape.tokens = *override.tokens;
    shape.burst = *override.tokens;
  } else if (window && override.burst.has_value()) {
    shape.tokens = *override.burst;
  }
  if (override.period_us.has_value()) shape.period_us = *override.period_us;
  if (override.burst.has_value()) shape.burst = *override.burst;
  return shape;
}

absl::string_view CoordinationName(Coordination coordination) {
  switch (coordination) {
    case Coordination::kLeased:
      return "leased";
    case Coordination::kExact:
      return "exact";
    case Coordination::kLocal:
      return "local";
  }
  return "?";
}

absl::string_view OnStoreLossName(OnStoreLoss policy) {
  switch (policy) {
    case OnStoreLoss::kShare:
      return "share";
    case OnStoreLoss::kDeny:
      return "deny";
    case OnStoreLoss::kAllow:
      return "allow";
  }
  return "?";
}

absl::Status Validate(const LimitConfig& config) {
  if (absl::Status s = ValidateName(config.name); !s.ok()) return s;
  if (config.key.size() > kMaxKey) return Bad("key", "at most 16 attributes");
  absl::flat_hash_set<absl::string_view> seen;
  for (size_t i = 0; i < config.key.size(); ++i) {
    const std::string path = absl::StrCat("key[", i, "]");
    if (absl::Status s = ValidateAttribute(path, config.key[i]); !s.ok())
      return s;
    if (!seen.insert(config.key[i]).second) return Bad(path, "is there twice");
  }
  if (absl::Status s = ValidateMatch("match", config.match); !s.ok()) return s;
  if (absl::Status s = Validate(config.shape); !s.ok()) return s;
  if (config.shape.algorithm == Algorithm::kAdaptive) {
    if (absl::Status s = Validate(config.adaptive); !s.ok()) return s;
  }
  if (config.overrides.size() > kMaxOverrides) {
    return Bad("overrides", "at most 256");
  }
  for (size_t i = 0; i < config.overrides.size(); ++i) {
    absl::Status s = ValidateOverride(absl::StrCat("overrides[", i, "]"),
                                      config, config.overrides[i]);
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace outrigger::limit
