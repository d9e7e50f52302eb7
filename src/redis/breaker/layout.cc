#include "redis/breaker/layout.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace outrigger::redis {
namespace {

// Between the two; a name's own is escaped, a method's need not be.
constexpr char kBetween = '/';

bool IsPlain(char c) {
  return c > ' ' && c < '\x7f' && c != '%' && c != '{' && c != '}';
}

void Escape(absl::string_view text, bool slashes, std::string* to) {
  for (const char c : text) {
    if (IsPlain(c) && !(slashes && c == kBetween)) {
      to->push_back(c);
    } else {
      absl::StrAppend(to, "%",
                      absl::Hex(static_cast<uint8_t>(c), absl::kZeroPad2));
    }
  }
}

std::optional<std::string> Unescape(absl::string_view text) {
  std::string plain;
  while (!text.empty()) {
    if (text.front() != '%') {
      plain.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 3 || !absl::ascii_isxdigit(text[1]) ||
        !absl::ascii_isxdigit(text[2])) {
      return std::nullopt;
    }
    plain += absl::HexStringToBytes(text.substr(1, 2));
    text.remove_prefix(3);
  }
  return plain;
}

}  // namespace

BreakerLayout::BreakerLayout(absl::string_view prefix)
    : begin_(absl::StrCat(prefix, ":1:")),
      tracked_prefix_(absl::StrCat(begin_, "b:{")) {}

std::string BreakerLayout::Of(char kind, const store::BreakerKey& key) const {
  std::string name = absl::StrCat(begin_, absl::string_view(&kind, 1), ":{");
  Escape(key.name, /*slashes=*/true, &name);
  name.push_back(kBetween);
  Escape(key.method, /*slashes=*/false, &name);
  name.push_back('}');
  return name;
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
  auto name = Unescape(record.substr(0, between));
  auto method = Unescape(record.substr(between + 1));
  if (!name.has_value() || !method.has_value()) return std::nullopt;
  return store::BreakerKey{*std::move(name), *std::move(method)};
}

}  // namespace outrigger::redis
