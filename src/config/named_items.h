// Lists of things with names: what is checked of all such lists.
#ifndef OUTRIGGER_CONFIG_NAMED_ITEMS_H_
#define OUTRIGGER_CONFIG_NAMED_ITEMS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "config/text/node.h"
#include "config/text/problem.h"
#include "config/text/table.h"

namespace outrigger::config {

// Reports the complaint "ttl: must be …" at that option's place below `path`.
void ReportComplaint(const Node& root, const std::string& path,
                     absl::string_view complaint, Problems& problems);

// A section that is a list of maps with names, at most `most` of them.
template <typename Owner, typename Item>
Field<Owner> NamedItemsField(const char* section, size_t most,
                             const Table<Item>& table,
                             std::vector<Item> Owner::*items) {
  Field<Owner> field;
  field.info = {.path = section, .form = FieldInfo::Form::kOther};
  field.read = [most, &table, items](const Node& node, const std::string& path,
                                     Owner& owner, Problems& problems) {
    if (node.children.size() > most) {
      problems.Error(node.place, path, absl::StrCat("has more than ", most));
      return;
    }
    ReadItems(node, path, table, owner.*items, problems);
  };
  field.write = [&table, items](const Owner& owner) {
    return WriteItems(table, owner.*items);
  };
  return field;
}

// Reports names that are missing or there twice, and what `validate` complains
// about, at the place of the option that it is about. `items` were read from
// the list at `path` in `root`.
template <typename Item>
void CheckNamedItems(const Node& root, const std::string& path,
                     const std::vector<Item>& items,
                     absl::Status (*validate)(const Item&),
                     Problems& problems) {
  absl::flat_hash_map<std::string, size_t> seen;
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string at = absl::StrCat(path, "[", i, "]");
    // What follows from a mistake is not another one.
    if (problems.HasErrorAt(at)) continue;
    if (Find(root, JoinPath(at, "name")) == nullptr) {
      ReportComplaint(root, at, "name: is missing", problems);
      continue;
    }
    const absl::Status status = validate(items[i]);
    if (!status.ok()) ReportComplaint(root, at, status.message(), problems);
    const auto [first, is_new] = seen.try_emplace(items[i].name, i);
    if (!is_new) {
      ReportComplaint(root, at,
                      absl::StrCat("name: ", Quote(items[i].name),
                                   " is there twice; first as ", path, "[",
                                   first->second, "]"),
                      problems);
    }
  }
}

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_NAMED_ITEMS_H_
