#include "coord/limit/find_parts.h"

#include "absl/strings/str_cat.h"

namespace outrigger::coord {
namespace {

// Longest values of a key, in all: the store's bound less the limit's name.
constexpr size_t kMaxKeyBytes = 1024;

Mode ModeOf(const limit::LimitConfig& config, const limit::Shape& shape,
            bool alone) {
  if (alone || config.coordination == limit::Coordination::kLocal) {
    return Mode::kLocal;
  }
  const bool exact_times =
      shape.algorithm == limit::Algorithm::kSlidingWindow &&
      shape.burst <= limit::kExactWindowLimit;
  return exact_times || config.coordination == limit::Coordination::kExact
             ? Mode::kExact
             : Mode::kLeased;
}

absl::Status CheckKeySize(const limit::LimitConfig& config,
                          const limit::Match& match,
                          absl::Span<const limit::Attribute> attributes) {
  size_t size = 0;
  for (const uint8_t at : match.key_values) size += attributes[at].value.size();
  if (size <= kMaxKeyBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("attributes: the key of limit ", config.name, " has ", size,
                   " bytes; at most ", kMaxKeyBytes, " are allowed"));
}

}  // namespace

absl::Status FindParts(const Pod& pod, const LimitSet& set,
                       const AllowQuery& query, Parts& parts,
                       std::vector<std::string>* names) {
  limit::Matches matches;
  if (query.limit.empty()) {
    set.matcher.MatchAll(query.attributes, matches);
  } else {
    const int index = set.matcher.Find(query.limit);
    if (index < 0) {
      return absl::NotFoundError(
          absl::StrCat("limit: there is no limit named ", query.limit));
    }
    set.matcher.MatchOne(index, query.attributes, matches);
  }
  for (const limit::Match& match : matches) {
    const limit::LimitConfig& config = set.matcher.limits()[match.limit];
    absl::Status size = CheckKeySize(config, match, query.attributes);
    if (!size.ok()) return size;
    Part& part = parts.emplace_back();
    part.config = &config;
    part.shape = match.shape;
    part.state = set.states[match.limit];
    part.unlimited = match.unlimited;
    part.mode = ModeOf(config, *match.shape, pod.store == nullptr);
    if (match.unlimited) {
      part.decided = true;
      part.verdict.allowed = true;
      part.verdict.remaining = match.shape->burst;
    } else {
      part.hash = HashKey(pod.seed, part.state->id, match, query.attributes);
    }
    if (names != nullptr) {
      names->push_back(
          limit::Matcher::BucketName(config, match, query.attributes));
    }
  }
  return absl::OkStatus();
}

}  // namespace outrigger::coord
