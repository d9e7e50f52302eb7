// Fields of a table whose values are members of their owner.
#ifndef OUTRIGGER_CONFIG_TEXT_MEMBER_H_
#define OUTRIGGER_CONFIG_TEXT_MEMBER_H_

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "config/text/codec.h"
#include "config/text/table.h"

namespace outrigger::config {

// What a part allows is checked by the part; here only what a text can hold.
inline constexpr int64_t kLargestWhole = 1'000'000'000;
inline constexpr double kLargestNumber = 1e15;
inline constexpr Duration kLongestTime = std::chrono::hours(36'500 * 24);

template <typename Owner, typename Value>
Field<Owner> Member(const char* path, Value Owner::*member,
                    Codec<Value> codec) {
  return Scalar<Owner, Value>(
      path, [member](auto& owner) -> auto& { return owner.*member; },
      std::move(codec));
}

template <typename Owner>
Field<Owner> TimeMember(const char* path, Duration Owner::*member) {
  return Member(path, member, Time(Duration::zero(), kLongestTime));
}
template <typename Owner>
Field<Owner> CountMember(const char* path, int64_t Owner::*member) {
  return Member(path, member, Whole(0, kLargestWhole));
}
template <typename Owner>
Field<Owner> NumberMember(const char* path, double Owner::*member) {
  return Member(path, member, Number(0, kLargestNumber));
}
template <typename Owner>
Field<Owner> FlagMember(const char* path, bool Owner::*member) {
  return Member(path, member, Flag());
}

// One of some values that have names already; a value without one is not
// written.
template <typename Value>
Codec<Value> Named(absl::string_view (*name)(Value),
                   std::initializer_list<Value> values) {
  std::vector<std::pair<std::string, Value>> words;
  for (const Value value : values) words.emplace_back(name(value), value);
  return Choice<Value>(std::move(words));
}

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TEXT_MEMBER_H_
