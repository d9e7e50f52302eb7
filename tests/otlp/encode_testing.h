// What the tests of encoding share.
#ifndef OUTRIGGER_TESTS_OTLP_ENCODE_TESTING_H_
#define OUTRIGGER_TESTS_OTLP_ENCODE_TESTING_H_

#include <string>

#include "base/random.h"
#include "otlp/encode/origin.h"
#include "telemetry/trace/span_context.h"

namespace outrigger::otlp {

inline constexpr WallTime kStart{std::chrono::seconds(1'700'000'000)};

inline Origin TestOrigin() {
  PseudoRandomSource random(1);
  return MakeOrigin({{"service.name", "shop"}}, random);
}

// Of one and the same trace.
inline telemetry::SpanContext Context(uint64_t id, bool remote) {
  return {.trace_id = {.high = 0x0102030405060708, .low = 0x090a0b0c0d0e0f10},
          .span_id = id,
          .sampled = true,
          .remote = remote};
}

// The text of attribute `key`; empty if there is none.
template <typename KeyValues>
std::string TextOf(const KeyValues& attributes, const std::string& key) {
  for (const auto& attribute : attributes) {
    if (attribute.key() == key) return attribute.value().string_value();
  }
  return "";
}

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_TESTS_OTLP_ENCODE_TESTING_H_
