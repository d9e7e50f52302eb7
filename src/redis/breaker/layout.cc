#include "redis/breaker/layout.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "redis/wire/key_name.h"

namespace outrigger::redis {
namespace {

// Between the name, in which it is escaped, and the method.
constexpr char kBetween = '/';
// No method's byte besides those that always are need be.
constexpr char kNoOther = '%';

}  // namespace

BreakerLayout::BreakerLayout(absl::string_view prefix)
    : begin_(absl::StrCat(prefix, ":1:")),
      tracked_prefix_(absl::StrCat(begin_, "b:{")) {}

std::string BreakerLayout::Of(char kind, const store::BreakerKey& key) const {
  return absl::StrCat(begin_, absl::string_view(&kind, 1), ":{",
                      EscapeName(key.name, kBetween), "/",
                      EscapeName(key.method, kNoOther), "}");
}

std::string BreakerLayout::Record(const store::BreakerKey& key) const {
  return Of('b', key);
}
std::string BreakerLayout::Snapshots(const store::BreakerKey& key) const {
  return Of('e', key);
}
std::string BreakerLayout::Expiries(const store::BreakerKey& key) const {
  return Of('x', key);
}

std::optional<store::BreakerKey> BreakerLayout::Parse(
    absl::string_view record) const {
  if (!absl::ConsumePrefix(&record, tracked_prefix_) ||
      !absl::ConsumeSuffix(&record, "}")) {
    return std::nullopt;
  }
  const size_t between = record.find(kBetween);
  if (between == absl::string_view::npos) return std::nullopt;
  auto name = UnescapeName(record.substr(0, between));
  auto method = UnescapeName(record.substr(between + 1));
  if (!name.has_value() || !method.has_value()) return std::nullopt;
  return store::BreakerKey{*std::move(name), *std::move(method)};
}

}  // namespace outrigger::redis
