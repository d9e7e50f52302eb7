#include "otlp/encode/span_attributes.h"

#include <string>
#include <type_traits>
#include <variant>

#include "opentelemetry/proto/common/v1/common.pb.h"
#include "otlp/encode/attributes.h"

namespace outrigger::otlp {
namespace {

using opentelemetry::proto::common::v1::AnyValue;
using opentelemetry::proto::common::v1::KeyValue;
using telemetry::SpanAttribute;
using telemetry::SpanAttributes;

// Whether attribute `i` has a later one with its key.
bool IsReplaced(const SpanAttributes& attributes, size_t i) {
  for (size_t later = i + 1; later < attributes.size(); ++later) {
    if (attributes[later].key == attributes[i].key) return true;
  }
  return false;
}

// The KeyValue up to its value, of which `size` bytes follow.
void Begin(int field, absl::string_view key, size_t size, WireWriter& out) {
  out.Length(field,
             WireWriter::FieldSize(key.size()) + WireWriter::FieldSize(size));
  out.Bytes(KeyValue::kKeyFieldNumber, key);
  out.Length(KeyValue::kValueFieldNumber, size);
}

void Write(int field, const SpanAttribute& attribute, size_t most,
           WireWriter& out) {
  std::visit(
      [&](const auto& given) {
        using Given = std::decay_t<decltype(given)>;
        if constexpr (std::is_same_v<Given, bool>) {
          Begin(field, attribute.key, 2, out);
          out.Varint(AnyValue::kBoolValueFieldNumber, given ? 1 : 0);
        } else if constexpr (std::is_same_v<Given, int64_t>) {
          const auto bits = static_cast<uint64_t>(given);
          Begin(field, attribute.key, 1 + WireWriter::VarintSize(bits), out);
          out.Varint(AnyValue::kIntValueFieldNumber, bits);
        } else if constexpr (std::is_same_v<Given, double>) {
          Begin(field, attribute.key, 1 + sizeof(double), out);
          out.Double(AnyValue::kDoubleValueFieldNumber, given);
        } else {
          std::string cleaned;
          const absl::string_view text = Clean(given, most, cleaned);
          Begin(field, attribute.key, WireWriter::FieldSize(text.size()), out);
          out.Bytes(AnyValue::kStringValueFieldNumber, text);
        }
      },
      attribute.value);
}

}  // namespace

uint32_t WriteAttributes(int field, const SpanAttributes& attributes,
                         const ItemLimits& limits, WireWriter& out) {
  uint32_t written = 0;
  uint32_t left_out = 0;
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (IsReplaced(attributes, i)) continue;
    if (written == limits.attributes) {
      ++left_out;
      continue;
    }
    ++written;
    Write(field, attributes[i], limits.value_length, out);
  }
  return left_out;
}

}  // namespace outrigger::otlp
