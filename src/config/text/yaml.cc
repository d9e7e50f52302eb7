#include "config/text/yaml.h"

#include <yaml-cpp/emitter.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "config/text/utf8.h"

namespace outrigger::config {
namespace {

Place At(const YAML::Mark& mark) {
  return Place{.line = mark.line + 1, .column = mark.column + 1};
}

// Builds the tree from the parser's events. What is not allowed is reported
// and left out; the parser itself cannot be stopped but by throwing, so events
// within what is left out are counted and dropped.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Problems& problems) : problems_(problems) {}

  int documents() const { return documents_; }

  // What stands at the top, with what a syntax error left unfinished.
  Node Finish() {
    while (!open_.empty()) Close();
    return std::move(root_);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) {
      problems_.Error(
          At(mark), "",
          "text after the end, or a second document; only one is read");
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Add(mark, "", anchor, Node{});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    problems_.Error(At(mark), "", "aliases (*name) are not read");
    Add(mark, "", 0, Node{});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor, const std::string& value) override {
    Add(mark, tag, anchor, Node::Scalar(value));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, Node::Kind::kList);
  }
  void OnSequenceEnd() override { End(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, Node::Kind::kMap);
  }
  void OnMapEnd() override { End(); }

 private:
  struct Level {
    Node node;
    // In a map: the last key, whose value comes next.
    bool has_key = false;
    std::string key;
    Place key_place;
    // The lines of its keys.
    absl::flat_hash_map<std::string, int> keys;
  };

  bool dropping() const { return dropped_depth_ > 0 || documents_ > 1; }
  bool KeyExpected() const {
    return !open_.empty() && open_.back().node.kind == Node::Kind::kMap &&
           !open_.back().has_key;
  }

  void CheckPlain(const Place& place, const std::string& tag,
                  YAML::anchor_t anchor) {
    // "?" and "!" are yaml-cpp's marks for plain and quoted scalars.
    if (!tag.empty() && tag != "?" && tag != "!") {
      problems_.Error(place, "", "tags (!name) are not read");
    }
    if (anchor != 0) problems_.Error(place, "", "anchors (&name) are not read");
  }

  void Add(const YAML::Mark& mark, const std::string& tag,
           YAML::anchor_t anchor, Node node) {
    if (dropping()) return;
    node.place = At(mark);
    CheckPlain(node.place, tag, anchor);
    if (!KeyExpected()) return Attach(std::move(node));
    if (node.is_null()) problems_.Error(node.place, "", "a key is missing");
    Level& level = open_.back();
    level.has_key = true;
    level.key = std::move(node.text);
    level.key_place = std::move(node.place);
  }

  void Open(const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor, Node::Kind kind) {
    if (dropping()) {
      ++dropped_depth_;
      return;
    }
    const Place place = At(mark);
    CheckPlain(place, tag, anchor);
    if (KeyExpected()) {
      problems_.Error(place, "",
                      absl::StrCat("a key must not be ", KindName(kind)));
      Add(mark, "", 0, Node::Scalar(""));
      dropped_depth_ = 1;
      return;
    }
    if (open_.size() >= static_cast<size_t>(kMaxYamlDepth)) {
      problems_.Error(place, "",
                      absl::StrCat("more than ", kMaxYamlDepth,
                                   " maps and lists within each other"));
      Add(mark, "", 0, Node{});
      dropped_depth_ = 1;
      return;
    }
    open_.emplace_back().node = Node{.kind = kind, .place = place};
  }

  void End() {
    if (dropped_depth_ > 0) {
      --dropped_depth_;
    } else if (!open_.empty()) {
      Close();
    }
  }

  void Close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    Attach(std::move(node));
  }

  void Attach(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = open_.back();
    if (level.node.kind == Node::Kind::kMap) {
      level.has_key = false;
      node.key = std::move(level.key);
      node.key_place = std::move(level.key_place);
      const auto [first, is_new] =
          level.keys.try_emplace(node.key, node.key_place.line);
      if (!is_new) {
        problems_.Error(
            node.key_place, "",
            absl::StrCat("the key ", Quote(node.key),
                         " is there twice; first in line ", first->second));
        return;
      }
    }
    level.node.children.push_back(std::move(node));
  }

  Problems& problems_;
  Node root_;
  std::vector<Level> open_;
  int dropped_depth_ = 0;
  int documents_ = 0;
};

bool CheckBytes(absl::string_view text, Problems& problems) {
  if (text.size() > kMaxYamlBytes) {
    problems.Error(Place{}, "",
                   absl::StrCat("has more than ", kMaxYamlBytes, " bytes"));
    return false;
  }
  const size_t bad = FirstBadByte(text);
  if (bad == text.size()) return true;
  const absl::string_view before = text.substr(0, bad);
  const auto line =
      static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  problems.Error(
      Place{.line = line, .column = static_cast<int>(bad - line_start) + 1}, "",
      "a byte that is not UTF-8 text, or a control character");
  return false;
}

bool NeedsQuotes(const std::string& text) {
  return text.empty() || text == "~" || absl::AsciiStrToLower(text) == "null";
}

void Emit(const Node& node, YAML::Emitter& out) {
  switch (node.kind) {
    case Node::Kind::kNull:
      out << YAML::Null;
      return;
    case Node::Kind::kScalar:
      if (NeedsQuotes(node.text)) out << YAML::DoubleQuoted;
      out << node.text;
      return;
    case Node::Kind::kList: {
      const bool scalars = std::all_of(
          node.children.begin(), node.children.end(),
          [](const Node& child) { return child.kind == Node::Kind::kScalar; });
      if (scalars) out << YAML::Flow;
      out << YAML::BeginSeq;
      for (const Node& child : node.children) Emit(child, out);
      out << YAML::EndSeq;
      return;
    }
    case Node::Kind::kMap:
      if (node.children.empty()) out << YAML::Flow;
      out << YAML::BeginMap;
      for (const Node& child : node.children) {
        out << YAML::Key;
        Emit(Node::Scalar(child.key), out);
        out << YAML::Value;
        Emit(child, out);
      }
      out << YAML::EndMap;
      return;
  }
}

}  // namespace

Node ParseYaml(absl::string_view text, Problems& problems) {
  if (!CheckBytes(text, problems)) return Node{};
  TreeBuilder builder(problems);
  // yaml-cpp 0.7 takes a quote that is never closed if a line's end is the last
  // byte, and with it all options that follow.
  std::istringstream stream{
      std::string(absl::StripTrailingAsciiWhitespace(text))};
  try {
    YAML::Parser parser(stream);
    // A second document is an error already, and of some that are none yaml-cpp
    // makes documents without end.
    while (builder.documents() < 2 && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    problems.Error(error.mark.is_null() ? Place{} : At(error.mark), "",
                   absl::StrCat("YAML: ", error.msg));
  } catch (const std::exception& error) {
    // Not documented, but the standard containers within may throw.
    problems.Error(Place{}, "", absl::StrCat("YAML: ", error.what()));
  }
  return builder.Finish();
}

std::string EmitYaml(const Node& node) {
  YAML::Emitter out;
  Emit(node, out);
  return absl::StrCat(out.c_str(), "\n");
}

}  // namespace outrigger::config
