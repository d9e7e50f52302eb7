// A span sink that keeps what it gets.
#ifndef OUTRIGGER_TESTS_SUPPORT_COLLECTED_SPANS_H_
#define OUTRIGGER_TESTS_SUPPORT_COLLECTED_SPANS_H_

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "telemetry/trace/span.h"

namespace outrigger {

// An attribute's value as text; empty if the span has none of that name.
inline std::string AttributeText(const telemetry::Span& span,
                                 absl::string_view key) {
  for (const telemetry::SpanAttribute& attribute : span.attributes) {
    if (attribute.key != key) continue;
    if (const auto* truth = std::get_if<bool>(&attribute.value)) {
      return *truth ? "true" : "false";
    }
    return std::visit([](const auto& value) { return absl::StrCat(value); },
                      attribute.value);
  }
  return {};
}

// Thread-safe.
class CollectedSpans final : public telemetry::SpanSink {
 public:
  void Accept(telemetry::Span span) override {
    absl::MutexLock lock(&mutex_);
    spans_.push_back(std::move(span));
  }
  std::vector<telemetry::Span> All() const {
    absl::MutexLock lock(&mutex_);
    return spans_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<telemetry::Span> spans_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_COLLECTED_SPANS_H_
