#include "limit/matcher.h"

#include "absl/strings/str_cat.h"
#include "limit/override_shape.h"

namespace outrigger::limit {
namespace {

bool IsLiteral(absl::string_view glob) {
  return glob.find_first_of("*?\\") == absl::string_view::npos;
}

// Keeps a bucket's algorithm in its name: another algorithm is another state.
char AlgorithmTag(const Shape& shape) {
  switch (shape.algorithm) {
    case Algorithm::kTokenBucket:
      return 't';
    case Algorithm::kSlidingWindow:
      return shape.burst <= kExactWindowLimit ? 'x' : 's';
    case Algorithm::kFixedWindow:
      return 'f';
    case Algorithm::kAdaptive:
      return 'a';
  }
  return '?';
}

void AppendEscaped(absl::string_view value, std::string& out) {
  for (const char c : value) {
    if (c == ':' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
}

}  // namespace

bool GlobMatches(absl::string_view glob, absl::string_view text) {
  size_t g = 0, t = 0;
  size_t star = absl::string_view::npos, star_text = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      star_text = t;
      continue;
    }
    const bool escaped = g + 1 < glob.size() && glob[g] == '\\';
    const size_t at = escaped ? g + 1 : g;
    const bool same = at < glob.size() &&
                      (glob[at] == text[t] || (!escaped && glob[at] == '?'));
    if (same) {
      g = at + 1;
      ++t;
    } else if (star != absl::string_view::npos) {
      g = star + 1;  // let the last star take one byte more
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

Matcher::Matcher(std::vector<LimitConfig> limits) : limits_(std::move(limits)) {
  compiled_.reserve(limits_.size());
  for (size_t i = 0; i < limits_.size(); ++i) {
    const LimitConfig& limit = limits_[i];
    by_name_.emplace(limit.name, static_cast<int>(i));
    Compiled compiled;
    for (const std::string& name : limit.key) {
      compiled.key.push_back(Intern(name));
    }
    compiled.match = Compile(limit.match);
    for (const Override& override : limit.overrides) {
      compiled.overrides.push_back({Compile(override.match),
                                    OverrideShape(limit.shape, override),
                                    override.unlimited});
    }
    compiled_.push_back(std::move(compiled));
  }
}

uint16_t Matcher::Intern(const std::string& name) {
  const auto [it, added] =
      names_.emplace(name, static_cast<uint16_t>(name_list_.size()));
  if (added) name_list_.push_back(name);
  return it->second;
}

std::vector<Matcher::Condition> Matcher::Compile(
    const std::vector<AttributeMatch>& matches) {
  std::vector<Condition> conditions;
  for (const AttributeMatch& match : matches) {
    Condition condition;
    condition.attribute = Intern(match.attribute);
    condition.any = match.glob == "*";
    condition.literal = IsLiteral(match.glob);
    condition.glob = match.glob;
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

int Matcher::Find(absl::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? -1 : it->second;
}

Matcher::Positions Matcher::Locate(
    absl::Span<const Attribute> attributes) const {
  Positions positions(name_list_.size(), kAbsent);
  // A handful of names: comparing beats hashing. Many: hash.
  if (name_list_.size() <= 8) {
    for (size_t n = 0; n < name_list_.size(); ++n) {
      for (size_t a = 0; a < attributes.size(); ++a) {
        if (attributes[a].name == name_list_[n]) {
          positions[n] = static_cast<uint8_t>(a);
          break;
        }
      }
    }
    return positions;
  }
  for (size_t a = 0; a < attributes.size(); ++a) {
    const auto it = names_.find(attributes[a].name);
    if (it != names_.end()) positions[it->second] = static_cast<uint8_t>(a);
  }
  return positions;
}

bool Matcher::Holds(const std::vector<Condition>& conditions,
                    const Positions& positions,
                    absl::Span<const Attribute> attributes) {
  for (const Condition& condition : conditions) {
    const uint8_t at = positions[condition.attribute];
    if (at == kAbsent) return false;
    if (condition.any) continue;
    const absl::string_view value = attributes[at].value;
    const bool matches = condition.literal ? value == condition.glob
                                           : GlobMatches(condition.glob, value);
    if (!matches) return false;
  }
  return true;
}

void Matcher::TryMatch(uint32_t limit, const Positions& positions,
                       absl::Span<const Attribute> attributes,
                       Matches& out) const {
  const Compiled& compiled = compiled_[limit];
  for (const uint16_t name : compiled.key) {
    if (positions[name] == kAbsent) return;
  }
  if (!Holds(compiled.match, positions, attributes)) return;
  Match& match = out.emplace_back();
  match.limit = limit;
  match.shape = &limits_[limit].shape;
  for (const uint16_t name : compiled.key) {
    match.key_values.push_back(positions[name]);
  }
  for (const CompiledOverride& override : compiled.overrides) {
    if (!Holds(override.match, positions, attributes)) continue;
    match.shape = &override.shape;
    match.unlimited = override.unlimited;
    break;
  }
}

void Matcher::MatchAll(absl::Span<const Attribute> attributes,
                       Matches& out) const {
  const Positions positions = Locate(attributes);
  for (uint32_t i = 0; i < compiled_.size(); ++i) {
    TryMatch(i, positions, attributes, out);
  }
}

void Matcher::MatchOne(int limit, absl::Span<const Attribute> attributes,
                       Matches& out) const {
  TryMatch(static_cast<uint32_t>(limit), Locate(attributes), attributes, out);
}

std::string Matcher::BucketName(const LimitConfig& limit, const Match& match,
                                absl::Span<const Attribute> attributes) {
  std::string name(1, AlgorithmTag(*match.shape));
  absl::StrAppend(&name, ":", limit.name);
  for (const uint8_t at : match.key_values) {
    name.push_back(':');
    AppendEscaped(attributes[at].value, name);
  }
  return name;
}

}  // namespace outrigger::limit
