// A configuration as a tree of texts, before anything is known of its meaning.
#ifndef OUTRIGGER_CONFIG_TEXT_NODE_H_
#define OUTRIGGER_CONFIG_TEXT_NODE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/text/problem.h"

namespace outrigger::config {

// A scalar's text, a list, or a map in the order of the file. A value.
struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  // Where the value starts.
  Place place{};
  // Of a child of a map.
  std::string key{};
  Place key_place{};
  // Of a scalar: without quotes, escapes resolved.
  std::string text{};
  // Of a list or a map. A map's keys are unique.
  std::vector<Node> children{};

  static Node Scalar(absl::string_view text, Place place = {});
  static Node List(const std::vector<std::string>& texts, Place place = {});
  static Node Map() { return Node{.kind = Kind::kMap}; }

  bool is_null() const { return kind == Kind::kNull; }
};

// Paths name nodes: "store.redis.url", "limits[2].overrides[0].burst".

// `path` below `base`; either may be empty.
std::string JoinPath(absl::string_view base, absl::string_view path);

// `key`, as the file has it, below `base`: escaped and cut for messages.
std::string KeyPath(absl::string_view base, absl::string_view key);

// The node at `path`, or null if there is none, or no value.
const Node* Find(const Node& root, absl::string_view path);

// The place of the node at `path`, or of the nearest one above that was
// written: where a reader looks for what a message is about.
Place NearestPlace(const Node& root, absl::string_view path);

// Puts `value` at `path` (keys only, no indices), in place of what is there;
// makes the maps on the way. Leaves the tree alone if something on the way is
// not a map.
void Put(Node& root, absl::string_view path, Node value);

// Removes the node at `path` (keys only) if it is there.
void Remove(Node& root, absl::string_view path);

// "is a list" and the like, for messages.
absl::string_view KindName(Node::Kind kind);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TEXT_NODE_H_
