#include "redis/limits/layout.h"

#include "absl/strings/str_cat.h"
#include "limit/windows.h"

namespace outrigger::redis {
namespace {

using limit::Algorithm;

// Sliding windows of either kind are stored differently, so they have letters
// of their own: a limit that crosses kExactWindowLimit begins anew.
absl::string_view LetterOf(const limit::Shape& shape) {
  switch (shape.algorithm) {
    case Algorithm::kTokenBucket:
      return "t";
    case Algorithm::kAdaptive:
      return "a";
    case Algorithm::kFixedWindow:
      return "f";
    case Algorithm::kSlidingWindow:
      return shape.burst <= limit::kExactWindowLimit ? "s" : "w";
  }
  return "t";
}

}  // namespace

std::string BucketKey(const std::string& prefix,
                      const store::BucketRef& bucket) {
  return absl::StrCat(prefix, ":1:", LetterOf(bucket.shape), ":", bucket.key);
}

std::string PodsKey(const std::string& prefix) {
  return absl::StrCat(prefix, ":1:pods");
}

void AddNumbers(const store::BucketRef& bucket, WireBuilder* wire) {
  const limit::Shape& shape = bucket.shape;
  wire->Add(LetterOf(shape))
      .Add(shape.TokensPerMicro())
      .Add(shape.burst)
      .Add(shape.period_us)
      .Add(limit::SlidingWindow::SubWindowUs(shape));
  if (shape.algorithm == Algorithm::kAdaptive) {
    wire->Add(bucket.adaptive.initial / 1e6)
        .Add(bucket.adaptive.floor / 1e6)
        .Add(bucket.adaptive.ceiling / 1e6);
  } else {
    wire->Add("0").Add("0").Add("0");
  }
}

}  // namespace outrigger::redis
