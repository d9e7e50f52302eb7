// The labels of a series.
#ifndef OUTRIGGER_ADMIN_PROMETHEUS_LABELS_H_
#define OUTRIGGER_ADMIN_PROMETHEUS_LABELS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "telemetry/snapshot.h"

namespace outrigger::admin {

// Writes attributes as labels; remembers the names that it has made. Not
// thread-safe.
class LabelWriter {
 public:
  // Appends name="value",name="value" for all of `attributes`. Where two names
  // become one, the values stand in one label with ';' between.
  void Append(const telemetry::Attributes& attributes, std::string& out);

 private:
  struct Label {
    const std::string* name = nullptr;
    absl::string_view value;
    bool written = false;
  };

  const std::string& NameOf(const std::string& attribute);

  // Pointers, since names must stay where they are.
  absl::flat_hash_map<std::string, std::unique_ptr<std::string>> names_;
  std::vector<Label> labels_;  // of one series; kept for its memory
};

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_PROMETHEUS_LABELS_H_
