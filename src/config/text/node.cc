#include "config/text/node.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace outrigger::config {
namespace {

const Node* Child(const Node& map, absl::string_view key) {
  if (map.kind != Node::Kind::kMap) return nullptr;
  for (const Node& child : map.children) {
    if (child.key == key) return &child;
  }
  return nullptr;
}

Node* MutableChild(Node& map, absl::string_view key) {
  return const_cast<Node*>(Child(map, key));
}

// Cuts the first step off `*path`: a key, or an index in brackets.
absl::string_view TakeStep(absl::string_view* path) {
  const size_t end = path->find_first_of(".[", 1);
  const absl::string_view step = path->substr(0, end);
  path->remove_prefix(step.size());
  if (!path->empty() && path->front() == '.') path->remove_prefix(1);
  return step;
}

const Node* Step(const Node& node, absl::string_view step) {
  if (step.front() != '[') return Child(node, step);
  size_t index = 0;
  if (node.kind != Node::Kind::kList ||
      !absl::SimpleAtoi(step.substr(1, step.size() - 2), &index) ||
      index >= node.children.size()) {
    return nullptr;
  }
  return &node.children[index];
}

}  // namespace

Node Node::Scalar(absl::string_view text, Place place) {
  Node node;
  node.kind = Kind::kScalar;
  node.place = std::move(place);
  node.text = std::string(text);
  return node;
}

Node Node::List(const std::vector<std::string>& texts, Place place) {
  Node node;
  node.kind = Kind::kList;
  node.place = place;
  for (const std::string& text : texts) {
    node.children.push_back(Scalar(text, place));
  }
  return node;
}

std::string JoinPath(absl::string_view base, absl::string_view path) {
  if (base.empty() || path.empty() || path.front() == '[') {
    return absl::StrCat(base, path);
  }
  return absl::StrCat(base, ".", path);
}

std::string KeyPath(absl::string_view base, absl::string_view key) {
  const std::string quoted = Quote(key);
  return JoinPath(base, quoted.substr(1, quoted.size() - 2));
}

const Node* Find(const Node& root, absl::string_view path) {
  const Node* node = &root;
  while (node != nullptr && !path.empty()) node = Step(*node, TakeStep(&path));
  return node == nullptr || node->is_null() ? nullptr : node;
}

Place NearestPlace(const Node& root, absl::string_view path) {
  const Node* node = &root;
  Place place;
  while (!path.empty()) {
    node = Step(*node, TakeStep(&path));
    if (node == nullptr) break;
    place = node->place;
  }
  return place;
}

void Put(Node& root, absl::string_view path, Node value) {
  Node* node = &root;
  for (const absl::string_view key : absl::StrSplit(path, '.')) {
    if (node->is_null()) node->kind = Node::Kind::kMap;
    if (node->kind != Node::Kind::kMap) return;
    Node* child = MutableChild(*node, key);
    if (child == nullptr) {
      child = &node->children.emplace_back();
      child->key = std::string(key);
      child->key_place = value.place;
      child->place = value.place;
    }
    node = child;
  }
  value.key = std::move(node->key);
  value.key_place = std::move(node->key_place);
  *node = std::move(value);
}

void Remove(Node& root, absl::string_view path) {
  const size_t dot = path.rfind('.');
  Node* parent = &root;
  if (dot != absl::string_view::npos) {
    parent = const_cast<Node*>(Find(root, path.substr(0, dot)));
    path.remove_prefix(dot + 1);
  }
  if (parent == nullptr || parent->kind != Node::Kind::kMap) return;
  auto& children = parent->children;
  children.erase(std::remove_if(children.begin(), children.end(),
                                [&](const Node& c) { return c.key == path; }),
                 children.end());
}

absl::string_view KindName(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kScalar:
      return "a single value";
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
  }
  return "?";
}

}  // namespace outrigger::config
