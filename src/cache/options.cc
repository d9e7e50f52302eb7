#include "cache/options.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace outrigger::cache {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr size_t kMaxName = 64;
constexpr int64_t kLeastMemory = 64 << 10;
constexpr int64_t kLeastTotal = 1 << 20;
constexpr int64_t kMostMemory = 1LL << 40;

absl::Status Bad(absl::string_view field, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", what));
}

absl::Status ValidateName(absl::string_view name) {
  bool good = !name.empty() && name.size() <= kMaxName;
  for (const char c : name) {
    good = good && (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                    c == '_' || c == '-' || c == '.');
  }
  return good ? absl::OkStatus()
              : Bad("name", "must be 1 to 64 letters, digits, '_', '-' or '.'");
}

absl::Status ValidateTimes(const NamespaceOptions& o) {
  const auto within = [](Duration d, Duration least, Duration most) {
    return d >= least && d <= most;
  };
  if (!within(o.ttl, milliseconds(1), kLongestTtl)) {
    return Bad("ttl", "must be 1ms to 30 days (720h)");
  }
  // Written so that a number that is none is refused, too.
  if (!(o.ttl_jitter >= 0 && o.ttl_jitter <= 0.5)) {
    return Bad("ttl_jitter", "must be 0 to 0.5");
  }
  if (!within(o.stale_for, Duration::zero(), kLongestTtl)) {
    return Bad("stale_for", "must be 0 to 30 days (720h)");
  }
  if (!within(o.absent_ttl, milliseconds(1), kLongestTtl)) {
    return Bad("absent_ttl", "must be 1ms to 30 days (720h)");
  }
  if (!within(o.fill_timeout, milliseconds(10), hours(1))) {
    return Bad("fill_timeout", "must be 10ms to 1h");
  }
  if (!(o.early_refresh >= 0 && o.early_refresh <= 10)) {
    return Bad("early_refresh", "must be 0 to 10");
  }
  return absl::OkStatus();
}

absl::Status ValidateSizes(const NamespaceOptions& o) {
  const auto outside = [](int64_t n, int64_t least, int64_t most) {
    return n < least || n > most;
  };
  if (o.memory_bytes != 0 &&
      outside(o.memory_bytes, kLeastMemory, kMostMemory)) {
    return Bad("memory", "must be 0 (an equal share), or 64KiB to 1TiB");
  }
  if (outside(o.max_entries, 0, 100'000'000)) {
    return Bad("max_entries", "must be 0 to 100000000");
  }
  if (outside(o.max_value_bytes, 1, 64 << 20)) {
    return Bad("max_value", "must be 1B to 64MiB");
  }
  if (outside(o.compress_over, -1, 64 << 20)) {
    return Bad("compress_over", "must be off, or 0 to 64MiB");
  }
  if (outside(o.refresh_ahead_per_second, 1, 100'000)) {
    return Bad("refresh_ahead_per_second", "must be 1 to 100000");
  }
  if (outside(o.warm, 0, 10'000)) return Bad("warm", "must be 0 to 10000");
  if (outside(o.max_pending_writes, 0, 1'000'000)) {
    return Bad("max_pending_writes", "must be 0 to 1000000");
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view PolicyName(Policy policy) {
  switch (policy) {
    case Policy::kLru:
      return "lru";
    case Policy::kLfu:
      return "lfu";
    case Policy::kTtl:
      return "ttl";
    case Policy::kS3Fifo:
      return "s3fifo";
    case Policy::kTinyLfu:
      return "tinylfu";
  }
  return "";
}

absl::Status Validate(const NamespaceOptions& options) {
  if (absl::Status s = ValidateName(options.name); !s.ok()) return s;
  if (absl::Status s = ValidateTimes(options); !s.ok()) return s;
  return ValidateSizes(options);
}

absl::Status ShareMemory(Options& options) {
  if (options.memory_bytes < kLeastTotal ||
      options.memory_bytes > kMostMemory) {
    return Bad("memory", "must be 1MiB to 1TiB");
  }
  int64_t left = options.memory_bytes;
  int64_t others = 0;
  for (const NamespaceOptions& space : options.namespaces) {
    if (space.max_entries == 0) continue;
    if (space.memory_bytes == 0) ++others;
    left -= space.memory_bytes;
    if (left < 0) {
      return Bad("memory", absl::StrCat("is less than the namespaces' (up to ",
                                        space.name, ") together"));
    }
  }
  if (others == 0) return absl::OkStatus();
  const int64_t share = left / others;
  if (share < kLeastMemory) {
    return Bad("memory",
               absl::StrCat("leaves less than 64KiB to each of the ", others,
                            " namespaces that have no memory of their own"));
  }
  for (NamespaceOptions& space : options.namespaces) {
    if (space.memory_bytes == 0 && space.max_entries != 0) {
      space.memory_bytes = share;
    }
  }
  return absl::OkStatus();
}

}  // namespace outrigger::cache
