#include "config/text/json.h"

#include "absl/strings/str_format.h"

namespace outrigger::config {
namespace {

void AddString(absl::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      absl::StrAppendFormat(&out, "\\u%04x", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

void Add(const Node& node, std::string& out) {
  const bool map = node.kind == Node::Kind::kMap;
  switch (node.kind) {
    case Node::Kind::kNull:
      out += "null";
      return;
    case Node::Kind::kScalar:
      AddString(node.text, out);
      return;
    case Node::Kind::kList:
    case Node::Kind::kMap:
      break;
  }
  out += map ? '{' : '[';
  bool first = true;
  for (const Node& child : node.children) {
    if (!first) out += ", ";
    first = false;
    if (map) {
      AddString(child.key, out);
      out += ": ";
    }
    Add(child, out);
  }
  out += map ? '}' : ']';
}

}  // namespace

std::string EmitJson(const Node& node) {
  std::string out;
  Add(node, out);
  return out + '\n';
}

}  // namespace outrigger::config
