#include "config/limits.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "config/limit_table.h"
#include "config/text/table.h"

namespace outrigger::config {
namespace {

using limit::Algorithm;
using limit::LimitConfig;

// One limit of the file while it is checked.
struct Draft {
  const Node& node;
  const std::string path;
  LimitConfig& limit;

  bool Has(absl::string_view option) const {
    return Find(node, option) != nullptr;
  }
  void Error(absl::string_view option, absl::string_view message,
             Problems& problems) const {
    problems.Error(Where(option), JoinPath(path, option), message);
  }
  Place Where(absl::string_view option) const {
    const Place place = NearestPlace(node, option);
    return place == Place{} ? node.place : place;
  }
};

void FinishAdaptive(const Draft& draft, Problems& problems) {
  if (!draft.Has("adaptive")) {
    draft.Error("adaptive",
                "is missing; write e.g. {initial: 100/1s, floor: 10/1s, "
                "ceiling: 200/1s}",
                problems);
  }
  if (draft.Has("rate")) {
    draft.Error("rate", "an adaptive limit starts at adaptive.initial instead",
                problems);
  }
  limit::Shape& shape = draft.limit.shape;
  shape.tokens = draft.limit.adaptive.initial;
  shape.period_us = 1'000'000;
  if (!draft.Has("burst")) shape.burst = std::max(1.0, shape.tokens);
}

void FinishFixedRate(const Draft& draft, Problems& problems) {
  if (draft.Has("adaptive")) {
    draft.Error("adaptive", "is only for algorithm: adaptive", problems);
  }
  if (!draft.Has("rate")) {
    draft.Error("rate", "is missing; write e.g. 100/1m", problems);
    return;
  }
  limit::Shape& shape = draft.limit.shape;
  const bool window = shape.algorithm != Algorithm::kTokenBucket;
  if (window && shape.tokens < 1) {
    draft.Error("rate", "a window needs at least 1", problems);
    return;
  }
  if (!draft.Has("burst")) shape.burst = std::max(1.0, shape.tokens);
  if (window) return;
  for (limit::Override& override : draft.limit.overrides) {
    // The burst follows the rate, but a bucket that never holds a whole token
    // would admit nothing.
    if (override.tokens.has_value() && !override.burst.has_value() &&
        *override.tokens < 1) {
      override.burst = 1;
    }
  }
}

// Gives the complaint "overrides[1]: rate: …" the place of that rate.
void Report(const Draft& draft, absl::string_view complaint,
            Problems& problems) {
  std::string option;
  const size_t colon = complaint.find(": ");
  if (colon != absl::string_view::npos) {
    option = std::string(complaint.substr(0, colon));
    complaint.remove_prefix(colon + 2);
  }
  for (const absl::string_view last : {"rate", "burst"}) {
    if (absl::ConsumePrefix(&complaint, absl::StrCat(last, ": "))) {
      option = JoinPath(option, last);
    }
  }
  draft.Error(option, complaint, problems);
}

void Finish(const Draft& draft, size_t errors_before, Problems& problems) {
  if (!draft.Has("name")) draft.Error("name", "is missing", problems);
  if (draft.limit.shape.algorithm == Algorithm::kAdaptive) {
    FinishAdaptive(draft, problems);
  } else {
    FinishFixedRate(draft, problems);
  }
  // One mistake would only be told twice.
  if (problems.errors() > errors_before) return;
  const absl::Status status = limit::Validate(draft.limit);
  if (!status.ok()) Report(draft, status.message(), problems);
}

}  // namespace

void ReadLimits(const Node& node, const std::string& path,
                std::vector<LimitConfig>& limits, Problems& problems) {
  if (node.kind == Node::Kind::kList &&
      node.children.size() > limit::kMaxLimits) {
    problems.Error(node.place, path,
                   absl::StrCat("has more than ", limit::kMaxLimits));
    return;
  }
  if (node.kind != Node::Kind::kList) {
    problems.Error(node.place, path,
                   absl::StrCat("must be a list of limits, each starting with "
                                "'-', not ",
                                KindName(node.kind)));
    return;
  }
  absl::flat_hash_map<std::string, int> lines;
  for (size_t i = 0; i < node.children.size(); ++i) {
    const Node& child = node.children[i];
    const size_t errors_before = problems.errors();
    LimitConfig limit;
    const Draft draft{child, absl::StrCat(path, "[", i, "]"), limit};
    ReadTable(LimitTable(), child, draft.path, limit, problems);
    Finish(draft, errors_before, problems);
    const auto [first, is_new] =
        lines.try_emplace(limit.name, draft.Where("name").line);
    if (!is_new && !limit.name.empty()) {
      draft.Error(
          "name",
          absl::StrCat(Quote(limit.name), " is there twice; first in line ",
                       first->second),
          problems);
    }
    if (problems.errors() == errors_before) limits.push_back(std::move(limit));
  }
}

Node WriteLimits(const std::vector<LimitConfig>& limits) {
  return WriteItems(LimitTable(), limits);
}

}  // namespace outrigger::config
