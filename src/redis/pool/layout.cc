#include "redis/pool/layout.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "redis/wire/key_name.h"

namespace outrigger::redis {
namespace {

// Ends a pod's name.
constexpr char kColon = ':';

}  // namespace

PoolLayout::PoolLayout(absl::string_view prefix)
    : begin_(absl::StrCat(prefix, ":1:p:")),
      mail_begin_(absl::StrCat(prefix, ":1:m:")) {}

std::string PoolLayout::Ledger(absl::string_view pool) const {
  return absl::StrCat(begin_, "{", EscapeName(pool, kColon), "}");
}

std::string PoolLayout::Set(absl::string_view pool, char set) const {
  return absl::StrCat(Ledger(pool), ":", absl::string_view(&set, 1));
}

std::string PoolLayout::Mail(absl::string_view pod,
                             absl::string_view pool) const {
  return absl::StrCat(mail_begin_, PodName(pod), MailEnd(pool));
}

std::string PoolLayout::MailEnd(absl::string_view pool) {
  return absl::StrCat(":{", EscapeName(pool, kColon), "}");
}

std::string PoolLayout::PodName(absl::string_view pod) {
  return EscapeName(pod, kColon);
}

std::string PoolLayout::TrackedPrefix(absl::string_view pod) const {
  return absl::StrCat(mail_begin_, PodName(pod), ":{");
}

std::optional<std::string> PoolLayout::ParseMail(absl::string_view pod,
                                                 absl::string_view mail) const {
  if (!absl::ConsumePrefix(&mail, TrackedPrefix(pod)) ||
      !absl::ConsumeSuffix(&mail, "}")) {
    return std::nullopt;
  }
  return UnescapeName(mail);
}

}  // namespace outrigger::redis
