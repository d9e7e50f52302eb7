#include "redis/cache/layout.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace outrigger::redis {

CacheLayout::CacheLayout(absl::string_view prefix)
    : begin_(absl::StrCat(prefix, ":1:")) {}

std::string CacheLayout::Record(const store::CacheKey& key) const {
  return absl::StrCat(begin_, "c:{", key.ns, ":", key.key, "}");
}

std::string CacheLayout::Lease(const store::CacheKey& key) const {
  return absl::StrCat(begin_, "l:{", key.ns, ":", key.key, "}");
}

std::string CacheLayout::Of(char kind, absl::string_view ns) const {
  return absl::StrCat(begin_, absl::string_view(&kind, 1), ":{", ns, "}");
}

std::string CacheLayout::Marks(absl::string_view ns) const {
  return Of('n', ns);
}
std::string CacheLayout::Globs(absl::string_view ns) const {
  return Of('g', ns);
}
std::string CacheLayout::Journal(absl::string_view ns) const {
  return Of('w', ns);
}
std::string CacheLayout::HotKeys(absl::string_view ns) const {
  return Of('h', ns);
}

std::string CacheLayout::Tag(absl::string_view ns,
                             absl::string_view tag) const {
  return absl::StrCat(Of('t', ns), ":", tag);
}

std::vector<std::string> CacheLayout::TrackedPrefixes() const {
  return {absl::StrCat(begin_, "c:{"), absl::StrCat(begin_, "n:{"),
          absl::StrCat(begin_, "w:{")};
}

std::optional<CacheLayout::Tracked> CacheLayout::Parse(
    absl::string_view key) const {
  // begin_, a letter, ":{", the name, "}"
  if (!absl::ConsumePrefix(&key, begin_) || key.size() < 5) return std::nullopt;
  const char letter = key.front();
  key.remove_prefix(1);
  if (!absl::ConsumePrefix(&key, ":{") || !absl::ConsumeSuffix(&key, "}")) {
    return std::nullopt;
  }
  Tracked tracked;
  tracked.kind = static_cast<CacheKind>(letter);
  switch (tracked.kind) {
    case CacheKind::kRecord: {
      const size_t colon = key.find(':');
      if (colon == absl::string_view::npos) return std::nullopt;
      tracked.key.ns = std::string(key.substr(0, colon));
      tracked.key.key = std::string(key.substr(colon + 1));
      return tracked;
    }
    case CacheKind::kMarks:
    case CacheKind::kJournal:
      tracked.key.ns = std::string(key);
      return tracked;
  }
  return std::nullopt;
}

}  // namespace outrigger::redis
