#include "config/text/table.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "config/text/suggest.h"

namespace outrigger::config {
namespace {

// The keys that may stand directly below `prefix` ("" or ending with '.').
std::vector<std::string> KnownKeys(const std::vector<FieldInfo>& fields,
                                   const std::string& prefix) {
  std::vector<std::string> keys;
  for (const FieldInfo& field : fields) {
    if (!absl::StartsWith(field.path, prefix)) continue;
    const std::string rest = field.path.substr(prefix.size());
    keys.emplace_back(rest.substr(0, rest.find('.')));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

const FieldInfo* FindField(const std::vector<FieldInfo>& fields,
                           const std::string& path) {
  for (const FieldInfo& field : fields) {
    if (field.path == path) return &field;
  }
  return nullptr;
}

// `prefix` is that of the fields' paths, `at` the full path of `node`.
void CheckLevel(const Node& node, const std::string& at,
                const std::string& prefix, const std::vector<FieldInfo>& fields,
                Problems& problems) {
  if (node.is_null()) return;
  if (node.kind != Node::Kind::kMap) {
    problems.Error(
        node.place, at,
        absl::StrCat("must be a map of options, not ", KindName(node.kind)));
    return;
  }
  const std::vector<std::string> known = KnownKeys(fields, prefix);
  for (const Node& child : node.children) {
    const std::string path = KeyPath(at, child.key);
    if (!std::binary_search(known.begin(), known.end(), child.key)) {
      problems.Error(child.key_place, path,
                     absl::StrCat("unknown key", DidYouMean(child.key, known)));
    } else if (const FieldInfo* field = FindField(fields, prefix + child.key)) {
      if (child.is_null() && field->form == FieldInfo::Form::kScalar) {
        problems.Error(child.key_place, path, "has no value");
      }
    } else {
      CheckLevel(child, path, prefix + child.key + ".", fields, problems);
    }
  }
}

}  // namespace

void CheckKeys(const Node& root, const std::string& at,
               const std::vector<FieldInfo>& fields, Problems& problems) {
  CheckLevel(root, at, "", fields, problems);
}

const std::string* ScalarText(const Node& node, const std::string& path,
                              Problems& problems) {
  if (node.kind == Node::Kind::kScalar) return &node.text;
  problems.Error(
      node.place, path,
      absl::StrCat("must be a single value, not ", KindName(node.kind)));
  return nullptr;
}

bool ListTexts(const Node& node, const std::string& path,
               std::vector<std::string>& texts, Problems& problems) {
  if (node.kind != Node::Kind::kList) {
    problems.Error(
        node.place, path,
        absl::StrCat("must be a list, e.g. [a, b], not ", KindName(node.kind)));
    return false;
  }
  bool good = true;
  for (size_t i = 0; i < node.children.size(); ++i) {
    const std::string* text =
        ScalarText(node.children[i], absl::StrCat(path, "[", i, "]"), problems);
    if (text == nullptr) {
      good = false;
    } else {
      texts.push_back(*text);
    }
  }
  return good;
}

}  // namespace outrigger::config
