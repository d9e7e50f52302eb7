// What is kept by name, up to a bound.
#ifndef OUTRIGGER_ANALYSER_SEEN_NAMED_TABLE_H_
#define OUTRIGGER_ANALYSER_SEEN_NAMED_TABLE_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace outrigger::analyser {

// Names come from the configuration and are never forgotten: the registry does
// not forget them either. Those that come when kMost are known are left out.
template <typename T, size_t kMost>
class NamedTable {
 public:
  // Null if it is left out, or has no name.
  T* Get(absl::string_view name) {
    const auto found = entries_.find(name);
    if (found != entries_.end()) return found->second.get();
    if (name.empty() || entries_.size() >= kMost) return nullptr;
    return entries_.emplace(std::string(name), std::make_unique<T>())
        .first->second.get();
  }

  size_t size() const { return entries_.size(); }

  // Calls visit(name, entry) for all, in any order.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const auto& [name, entry] : entries_) visit(name, *entry);
  }
  template <typename Visit>
  void ForEach(const Visit& visit) {
    for (auto& [name, entry] : entries_) visit(name, *entry);
  }

  // By weight(entry), from the heaviest, then by name.
  template <typename Weight>
  std::vector<std::pair<absl::string_view, const T*>> Sorted(
      const Weight& weight) const {
    std::vector<std::pair<absl::string_view, const T*>> all;
    for (const auto& [name, entry] : entries_) {
      all.emplace_back(name, entry.get());
    }
    std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
      const double heavy_a = weight(*a.second);
      const double heavy_b = weight(*b.second);
      return heavy_a != heavy_b ? heavy_a > heavy_b : a.first < b.first;
    });
    return all;
  }

 private:
  absl::flat_hash_map<std::string, std::unique_ptr<T>> entries_;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_SEEN_NAMED_TABLE_H_
