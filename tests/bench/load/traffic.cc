#include "bench/load/traffic.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace outrigger::bench {

absl::StatusOr<Traffic> Traffic::Make(const Options& options, int targets) {
  Traffic traffic(options, targets);
  for (const std::string& text : options.attributes) {
    absl::StatusOr<Attribute> attribute = ParseAttribute(text);
    if (!attribute.ok()) return attribute.status();
    traffic.attributes_.push_back(*std::move(attribute));
  }
  return traffic;
}

Traffic::Traffic(const Options& options, int targets) : options_(options) {
  std::vector<double> weights = options.weights;
  weights.resize(targets, weights.empty() ? 1.0 : 0.0);
  targets_ = std::discrete_distribution<int>(weights.begin(), weights.end());
}

absl::StatusOr<Traffic::Attribute> Traffic::ParseAttribute(
    absl::string_view text) {
  const size_t equals = text.find('=');
  if (equals == absl::string_view::npos)
    return absl::InvalidArgumentError(absl::StrCat(text, ": not name=value"));
  Attribute attribute;
  attribute.name = std::string(text.substr(0, equals));
  const absl::string_view value = text.substr(equals + 1);
  const size_t open = value.find('{');
  attribute.before = std::string(value.substr(0, open));
  if (open == absl::string_view::npos) return attribute;
  const size_t close = value.find('}', open);
  if (close == absl::string_view::npos)
    return absl::InvalidArgumentError(absl::StrCat(text, ": '{' without '}'"));
  absl::string_view inside = value.substr(open + 1, close - open - 1);
  attribute.modulus = 1;
  if (!inside.empty() &&
      (inside[0] != '%' ||
       !absl::SimpleAtoi(inside.substr(1), &attribute.modulus) ||
       attribute.modulus < 2)) {
    return absl::InvalidArgumentError(
        absl::StrCat(text, ": the placeholder is {} or {%N} with N > 1"));
  }
  attribute.after = std::string(value.substr(close + 1));
  return attribute;
}

uint64_t Traffic::NextKey() {
  if (options_.sequential) return next_++ % options_.keys;
  return random_() % options_.keys;
}

void Traffic::Fill(ratelimit::v1::AllowRequest* request) {
  const uint64_t key = NextKey();
  auto& attributes = *request->mutable_attributes();
  for (const Attribute& attribute : attributes_) {
    std::string& value = attributes[attribute.name];
    value = attribute.before;
    if (attribute.modulus != 0) {
      const uint64_t number =
          attribute.modulus == 1 ? key : key % attribute.modulus;
      absl::StrAppend(&value, number, attribute.after);
    }
  }
  if (options_.cost != 1) request->set_cost(options_.cost);
}

std::string Traffic::KeyName(uint64_t number) {
  return absl::StrCat("key:", number);
}

int Traffic::NextTarget() {
  return targets_.probabilities().size() <= 1 ? 0 : targets_(random_);
}

}  // namespace outrigger::bench
