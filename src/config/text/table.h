// A part's options as a table: each option's path, how it is read and written.
//
// One table serves the file, the environment and the printing of what is in
// force, so that no option can be known to one and not to the other.
#ifndef OUTRIGGER_CONFIG_TEXT_TABLE_H_
#define OUTRIGGER_CONFIG_TEXT_TABLE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "config/text/codec.h"
#include "config/text/node.h"
#include "config/text/problem.h"

namespace outrigger::config {

// What can be said of an option without its type.
struct FieldInfo {
  enum class Form {
    kScalar,  // one text; an environment variable may set it
    kList,    // of texts; an environment variable may set it, with commas
    kOther,   // maps and lists of maps: only in the file
  };

  // Below the table's root, keys joined by '.': "tls.cert_file".
  std::string path{};
  Form form = Form::kScalar;
  // Never shown.
  bool secret = false;
  // In force only after the next start.
  bool needs_restart = false;
};

// One option of `Owner`.
template <typename Owner>
struct Field {
  FieldInfo info;
  // Puts what `node` says into the owner, or reports what is wrong with it;
  // `path` is the full one, for messages. `node` is never null.
  std::function<void(const Node& node, const std::string& path, Owner& owner,
                     Problems& problems)>
      read;
  // What `read` would read; a null node: nothing to be said.
  std::function<Node(const Owner& owner)> write;
};

template <typename Owner>
using Table = std::vector<Field<Owner>>;

// Reports every key below `root` that leads to none of `fields`, and every
// value on the way that is not a map. `at` is the path of `root`.
void CheckKeys(const Node& root, const std::string& at,
               const std::vector<FieldInfo>& fields, Problems& problems);

// The text of a scalar; else reports what it is instead, and returns null.
const std::string* ScalarText(const Node& node, const std::string& path,
                              Problems& problems);

// A list of scalars; else reports. False if anything was wrong.
bool ListTexts(const Node& node, const std::string& path,
               std::vector<std::string>& texts, Problems& problems);

template <typename Owner>
std::vector<FieldInfo> Infos(const Table<Owner>& table) {
  std::vector<FieldInfo> infos;
  for (const Field<Owner>& field : table) infos.push_back(field.info);
  return infos;
}

// Reads all of `root`, which stands at path `at`, into `owner`, in the order of
// the table; whatever is wrong is reported and leaves the owner's value.
template <typename Owner>
void ReadTable(const Table<Owner>& table, const Node& root,
               const std::string& at, Owner& owner, Problems& problems) {
  CheckKeys(root, at, Infos(table), problems);
  for (const Field<Owner>& field : table) {
    const Node* node = Find(root, field.info.path);
    if (node == nullptr) continue;
    field.read(*node, JoinPath(at, field.info.path), owner, problems);
  }
}

// The tree that ReadTable would read. Secrets are left out unless asked for.
template <typename Owner>
Node WriteTable(const Table<Owner>& table, const Owner& owner,
                bool with_secrets) {
  Node root = Node::Map();
  for (const Field<Owner>& field : table) {
    if (field.info.secret && !with_secrets) continue;
    Node node = field.write(owner);
    if (!node.is_null()) Put(root, field.info.path, std::move(node));
  }
  return root;
}

// An option that is one text. `at` gives the value's reference for a const or a
// mutable owner. An empty string is not written.
template <typename Owner, typename Value, typename Access>
Field<Owner> Scalar(std::string path, Access at, Codec<Value> codec) {
  Field<Owner> field;
  field.info.path = std::move(path);
  field.read = [at, codec](const Node& node, const std::string& full,
                           Owner& owner, Problems& problems) {
    const std::string* text = ScalarText(node, full, problems);
    if (text == nullptr) return;
    absl::StatusOr<Value> value = codec.parse(*text);
    if (value.ok()) {
      at(owner) = *std::move(value);
    } else {
      problems.Error(node.place, full, value.status().message());
    }
  };
  field.write = [at, codec](const Owner& owner) {
    const std::string text = codec.format(at(owner));
    return text.empty() ? Node{} : Node::Scalar(text);
  };
  return field;
}

// A list of maps, each read by `table`; one with problems is kept, too.
template <typename Item>
void ReadItems(const Node& node, const std::string& path,
               const Table<Item>& table, std::vector<Item>& items,
               Problems& problems) {
  if (node.kind != Node::Kind::kList) {
    problems.Error(node.place, path,
                   absl::StrCat("must be a list, each entry starting with "
                                "'-', not ",
                                KindName(node.kind)));
    return;
  }
  for (size_t i = 0; i < node.children.size(); ++i) {
    ReadTable(table, node.children[i], absl::StrCat(path, "[", i, "]"),
              items.emplace_back(), problems);
  }
}

// The list that ReadItems would read; null if it is empty.
template <typename Item>
Node WriteItems(const Table<Item>& table, const std::vector<Item>& items) {
  Node list;
  for (const Item& item : items) {
    list.kind = Node::Kind::kList;
    list.children.push_back(WriteTable(table, item, true));
  }
  return list;
}

// `field` of a part of an owner, at `prefix`: `at` gives the part to read into,
// `look` a pointer to it, null where there is none to write.
template <typename Owner, typename Part, typename Access, typename Look>
Field<Owner> Within(const std::string& prefix, const Field<Part>& field,
                    Access at, Look look) {
  Field<Owner> outer;
  outer.info = field.info;
  outer.info.path = JoinPath(prefix, field.info.path);
  outer.read = [at, field](const Node& node, const std::string& path,
                           Owner& owner, Problems& problems) {
    field.read(node, path, at(owner), problems);
  };
  outer.write = [look, field](const Owner& owner) {
    const Part* part = look(owner);
    return part == nullptr ? Node{} : field.write(*part);
  };
  return outer;
}

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TEXT_TABLE_H_
