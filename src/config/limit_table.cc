#include "config/limit_table.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "config/text/duration.h"
#include "config/text/member.h"
#include "config/text/number.h"
#include "config/text/rate.h"
#include "config/text/table.h"

namespace outrigger::config {
namespace {

using limit::Algorithm;
using limit::AttributeMatch;
using limit::Coordination;
using limit::LimitConfig;
using limit::OnStoreLoss;
using limit::Override;

// What limit::Validate allows is checked there; here only what ParseNumber can
// hold.
constexpr double kLargest = 1e15;

Codec<double> AnyNumber() { return Number(0, kLargest); }

// Tokens per second: a rate, or a bare number.
Codec<double> PerSecond() {
  return Codec<double>{
      .parse = [](absl::string_view text) -> absl::StatusOr<double> {
        if (text.find('/') == absl::string_view::npos) return ParseNumber(text);
        const absl::StatusOr<Rate> rate = ParseRate(text);
        if (!rate.ok()) return rate.status();
        return rate->tokens * 1e6 / static_cast<double>(rate->period_us);
      },
      .format = [](const double& value) { return FormatNumber(value); }};
}

// Per cent: a number, perhaps with its sign.
Codec<double> PerCent() {
  return Codec<double>{
      .parse =
          [](absl::string_view text) {
            absl::ConsumeSuffix(&text, "%");
            return ParseNumber(text);
          },
      .format = [](const double& value) { return FormatNumber(value); }};
}

// A number that need not be there; it is written only where it is.
Codec<std::optional<double>> Maybe(Codec<double> codec) {
  return {.parse = [codec](absl::string_view text)
              -> absl::StatusOr<std::optional<double>> {
            absl::StatusOr<double> value = codec.parse(text);
            if (!value.ok()) return value.status();
            return *value;
          },
          .format =
              [codec](const std::optional<double>& value) {
                return value.has_value() ? codec.format(*value) : "";
              }};
}

// A map of attributes to globs.
template <typename Owner>
Field<Owner> MatchField() {
  Field<Owner> field;
  field.info = {.path = "match", .form = FieldInfo::Form::kOther};
  field.read = [](const Node& node, const std::string& path, Owner& owner,
                  Problems& problems) {
    if (node.kind != Node::Kind::kMap) {
      problems.Error(node.place, path,
                     "must be a map, e.g. {route: \"/checkout*\"}");
      return;
    }
    for (const Node& child : node.children) {
      const std::string* glob =
          ScalarText(child, KeyPath(path, child.key), problems);
      if (glob != nullptr) owner.match.push_back({child.key, *glob});
    }
  };
  field.write = [](const Owner& owner) {
    Node map;
    for (const AttributeMatch& match : owner.match) {
      map.kind = Node::Kind::kMap;
      Node glob = Node::Scalar(match.glob);
      glob.key = match.attribute;
      map.children.push_back(std::move(glob));
    }
    return map;
  };
  return field;
}

// A rate, which is two numbers of the owner: `set` puts them, `get` gives them
// unless there are none.
template <typename Owner, typename Set, typename Get>
Field<Owner> RateField(Set set, Get get) {
  Field<Owner> field;
  field.info.path = "rate";
  field.read = [set](const Node& node, const std::string& path, Owner& owner,
                     Problems& problems) {
    const std::string* text = ScalarText(node, path, problems);
    if (text == nullptr) return;
    const absl::StatusOr<Rate> rate = ParseRate(*text);
    if (rate.ok()) {
      set(owner, *rate);
    } else {
      problems.Error(node.place, path, rate.status().message());
    }
  };
  field.write = [get](const Owner& owner) {
    const std::optional<Rate> rate = get(owner);
    return rate.has_value() ? Node::Scalar(FormatRate(*rate)) : Node{};
  };
  return field;
}

bool IsWindow(Algorithm algorithm) {
  return algorithm == Algorithm::kSlidingWindow ||
         algorithm == Algorithm::kFixedWindow;
}

const Table<Override>& OverrideTable() {
  static const auto* const table = new Table<Override>{
      MatchField<Override>(),
      RateField<Override>(
          [](Override& o, const Rate& rate) {
            o.tokens = rate.tokens;
            o.period_us = rate.period_us;
          },
          [](const Override& o) -> std::optional<Rate> {
            if (!o.tokens.has_value()) return std::nullopt;
            return Rate{*o.tokens, *o.period_us};
          }),
      Scalar<Override, std::optional<double>>(
          "burst", [](auto& o) -> auto& { return o.burst; },
          Maybe(AnyNumber())),
      Scalar<Override, bool>(
          "unlimited", [](auto& o) -> auto& { return o.unlimited; }, Flag()),
  };
  return *table;
}

Field<LimitConfig> KeyField() {
  Field<LimitConfig> field;
  field.info = {.path = "key", .form = FieldInfo::Form::kList};
  field.read = [](const Node& node, const std::string& path, LimitConfig& limit,
                  Problems& problems) {
    ListTexts(node, path, limit.key, problems);
  };
  field.write = [](const LimitConfig& limit) {
    return limit.key.empty() ? Node{} : Node::List(limit.key);
  };
  return field;
}

Field<LimitConfig> OverridesField() {
  Field<LimitConfig> field;
  field.info = {.path = "overrides", .form = FieldInfo::Form::kOther};
  field.read = [](const Node& node, const std::string& path, LimitConfig& limit,
                  Problems& problems) {
    ReadItems(node, path, OverrideTable(), limit.overrides, problems);
  };
  field.write = [](const LimitConfig& limit) {
    return WriteItems(OverrideTable(), limit.overrides);
  };
  return field;
}

// An adaptive limit's option, which only such limits write.
template <typename Value, typename Access>
Field<LimitConfig> AdaptiveField(const std::string& name, Access at,
                                 Codec<Value> codec) {
  auto field =
      Scalar<LimitConfig, Value>(absl::StrCat("adaptive.", name), at, codec);
  field.write = [write = field.write](const LimitConfig& limit) {
    return limit.shape.algorithm == Algorithm::kAdaptive ? write(limit)
                                                         : Node{};
  };
  return field;
}

Field<LimitConfig> LimitRateField() {
  return RateField<LimitConfig>(
      [](LimitConfig& limit, const Rate& rate) {
        limit.shape.tokens = rate.tokens;
        limit.shape.period_us = rate.period_us;
      },
      [](const LimitConfig& limit) -> std::optional<Rate> {
        if (limit.shape.algorithm == Algorithm::kAdaptive) return std::nullopt;
        return Rate{limit.shape.tokens, limit.shape.period_us};
      });
}

// Microseconds, as a duration.
Codec<int64_t> Micros() {
  return {.parse = [](absl::string_view text) -> absl::StatusOr<int64_t> {
            const absl::StatusOr<Duration> duration = ParseDuration(text);
            if (!duration.ok()) return duration.status();
            return ToMicros(*duration);
          },
          .format =
              [](const int64_t& value) {
                return FormatDuration(std::chrono::microseconds(value));
              }};
}

Field<LimitConfig> LimitBurstField() {
  auto field = Scalar<LimitConfig, double>(
      "burst", [](auto& l) -> auto& { return l.shape.burst; }, AnyNumber());
  field.write = [write = field.write](const LimitConfig& limit) {
    return IsWindow(limit.shape.algorithm) ? Node{} : write(limit);
  };
  return field;
}

Table<LimitConfig> AdaptiveFields() {
  return {
      AdaptiveField<double>(
          "initial", [](auto& l) -> auto& { return l.adaptive.initial; },
          PerSecond()),
      AdaptiveField<double>(
          "floor", [](auto& l) -> auto& { return l.adaptive.floor; },
          PerSecond()),
      AdaptiveField<double>(
          "ceiling", [](auto& l) -> auto& { return l.adaptive.ceiling; },
          PerSecond()),
      AdaptiveField<double>(
          "increase", [](auto& l) -> auto& { return l.adaptive.increase; },
          PerSecond()),
      AdaptiveField<double>(
          "decrease",
          [](auto& l) -> auto& { return l.adaptive.decrease_percent; },
          PerCent()),
      AdaptiveField<int64_t>(
          "every", [](auto& l) -> auto& { return l.adaptive.step_every_us; },
          Micros()),
  };
}

Table<LimitConfig> MakeLimitTable() {
  Table<LimitConfig> table = {
      Scalar<LimitConfig, std::string>(
          "name", [](auto& l) -> auto& { return l.name; }, Text(64)),
      KeyField(),
      MatchField<LimitConfig>(),
      Scalar<LimitConfig, Algorithm>(
          "algorithm", [](auto& l) -> auto& { return l.shape.algorithm; },
          Named(limit::AlgorithmName,
                {Algorithm::kTokenBucket, Algorithm::kSlidingWindow,
                 Algorithm::kFixedWindow, Algorithm::kAdaptive})),
      LimitRateField(),
      LimitBurstField(),
      Scalar<LimitConfig, Coordination>(
          "coordination", [](auto& l) -> auto& { return l.coordination; },
          Named(limit::CoordinationName,
                {Coordination::kLeased, Coordination::kExact,
                 Coordination::kLocal})),
      Scalar<LimitConfig, OnStoreLoss>(
          "on_store_loss", [](auto& l) -> auto& { return l.on_store_loss; },
          Named(
              limit::OnStoreLossName,
              {OnStoreLoss::kShare, OnStoreLoss::kDeny, OnStoreLoss::kAllow})),
      OverridesField(),
      Scalar<LimitConfig, bool>(
          "shadow", [](auto& l) -> auto& { return l.shadow; }, Flag()),
  };
  for (Field<LimitConfig>& field : AdaptiveFields()) {
    table.push_back(std::move(field));
  }
  return table;
}

}  // namespace

const Table<LimitConfig>& LimitTable() {
  static const auto* const table = new Table<LimitConfig>(MakeLimitTable());
  return *table;
}

}  // namespace outrigger::config
