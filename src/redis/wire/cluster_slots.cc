#include "redis/wire/cluster_slots.h"

#include <optional>
#include <utility>

#include "redis/wire/slot.h"

namespace outrigger::redis {
namespace {

std::optional<Address> ReadNode(const Reply& node, const Address& asked) {
  if (!node.IsArray() || node.elements.size() < 2) return std::nullopt;
  const Reply& host = node.elements[0];
  const Reply& port = node.elements[1];
  if (!host.IsString() && !host.IsNil()) return std::nullopt;
  if (!port.IsInteger() || port.integer < 1 || port.integer > 65535) {
    return std::nullopt;
  }
  Address address;
  // "?" is what a node says of one whose name it has not learnt yet.
  const bool unnamed = host.text.empty() || host.text == "?";
  address.host = unnamed ? asked.host : host.text;
  address.port = static_cast<uint16_t>(port.integer);
  return address;
}

std::optional<SlotRange> ReadRange(const Reply& reply, const Address& asked) {
  if (!reply.IsArray() || reply.elements.size() < 3) return std::nullopt;
  const Reply& first = reply.elements[0];
  const Reply& last = reply.elements[1];
  if (!first.IsInteger() || !last.IsInteger() || first.integer < 0 ||
      last.integer < first.integer || last.integer >= kSlots) {
    return std::nullopt;
  }
  SlotRange range;
  range.first = static_cast<uint16_t>(first.integer);
  range.last = static_cast<uint16_t>(last.integer);
  for (size_t i = 2; i < reply.elements.size(); ++i) {
    std::optional<Address> node = ReadNode(reply.elements[i], asked);
    if (!node) return std::nullopt;
    if (i == 2) {
      range.master = *std::move(node);
    } else {
      range.replicas.push_back(*std::move(node));
    }
  }
  return range;
}

}  // namespace

absl::StatusOr<std::vector<SlotRange>> ParseClusterSlots(const Reply& reply,
                                                         const Address& asked) {
  std::vector<SlotRange> ranges;
  if (!reply.IsArray() || reply.elements.empty()) {
    return absl::InternalError("CLUSTER SLOTS names no slots");
  }
  for (const Reply& element : reply.elements) {
    std::optional<SlotRange> range = ReadRange(element, asked);
    if (!range) return absl::InternalError("unreadable CLUSTER SLOTS");
    ranges.push_back(*std::move(range));
  }
  return ranges;
}

}  // namespace outrigger::redis
