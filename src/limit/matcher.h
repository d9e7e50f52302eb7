// Which limits apply to a request, and with which keys and numbers.
//
// Compiled once from the configuration; immutable, so any number of threads may
// use it. Deciding (taking tokens) is apart from matching, so that another
// matcher can stand on the same engine.
#ifndef OUTRIGGER_LIMIT_MATCHER_H_
#define OUTRIGGER_LIMIT_MATCHER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "limit/limit_config.h"

namespace outrigger::limit {

// One name and value of a request.
struct Attribute {
  absl::string_view name;
  absl::string_view value;
};

// Whether `glob` (see AttributeMatch) matches all of `text`. Linear in the
// length of the text times the number of stars at worst; never exponential.
bool GlobMatches(absl::string_view glob, absl::string_view text);

// A limit that applies to a request.
struct Match {
  // Index into Matcher::limits().
  uint32_t limit = 0;
  // The limit's own shape, or an override's. Lives as long as the matcher.
  const Shape* shape = nullptr;
  // An override exempts this request.
  bool unlimited = false;
  // Where the values of the key's attributes stand in the request's attributes.
  absl::InlinedVector<uint8_t, 4> key_values;
};

using Matches = absl::InlinedVector<Match, 4>;

class Matcher {
 public:
  // REQUIRES: each is valid (Validate), names are unique, at most kMaxLimits.
  explicit Matcher(std::vector<LimitConfig> limits);

  const std::vector<LimitConfig>& limits() const { return limits_; }

  // The index of a limit, or -1.
  int Find(absl::string_view name) const;

  // Appends the limits that apply, in the order of the configuration.
  // REQUIRES: at most 64 attributes, no name twice.
  void MatchAll(absl::Span<const Attribute> attributes, Matches& out) const;
  // Only that limit, if it applies.
  void MatchOne(int limit, absl::Span<const Attribute> attributes,
                Matches& out) const;

  // The name that a bucket has in the fleet's store: the limit and the values
  // of its key, separated by ':', with ':' and '\' in values escaped by '\'.
  // Two requests have equal names only if limit and values are equal.
  static std::string BucketName(const LimitConfig& limit, const Match& match,
                                absl::Span<const Attribute> attributes);

 private:
  struct Condition {
    uint16_t attribute;  // index into names_
    bool any = false;    // the glob is "*"
    bool literal = false;
    std::string glob;
  };
  struct CompiledOverride {
    std::vector<Condition> match;
    Shape shape;
    bool unlimited = false;
  };
  struct Compiled {
    std::vector<uint16_t> key;
    std::vector<Condition> match;
    std::vector<CompiledOverride> overrides;
  };
  // For each known name, where it stands in a request; kAbsent if it does not.
  using Positions = absl::InlinedVector<uint8_t, 16>;
  static constexpr uint8_t kAbsent = 255;

  uint16_t Intern(const std::string& name);
  std::vector<Condition> Compile(const std::vector<AttributeMatch>& matches);
  Positions Locate(absl::Span<const Attribute> attributes) const;
  static bool Holds(const std::vector<Condition>& conditions,
                    const Positions& positions,
                    absl::Span<const Attribute> attributes);
  void TryMatch(uint32_t limit, const Positions& positions,
                absl::Span<const Attribute> attributes, Matches& out) const;

  std::vector<LimitConfig> limits_;
  std::vector<Compiled> compiled_;
  absl::flat_hash_map<std::string, uint16_t> names_;
  std::vector<std::string> name_list_;
  absl::flat_hash_map<std::string, int> by_name_;
};

}  // namespace outrigger::limit

#endif  // OUTRIGGER_LIMIT_MATCHER_H_
