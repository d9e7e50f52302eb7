#include "admin/prometheus/labels.h"

#include "admin/prometheus/names.h"
#include "admin/prometheus/numbers.h"

namespace outrigger::admin {

const std::string& LabelWriter::NameOf(const std::string& attribute) {
  std::unique_ptr<std::string>& name = names_[attribute];
  if (name == nullptr) {
    name = std::make_unique<std::string>(LabelName(attribute));
  }
  return *name;
}

void LabelWriter::Append(const telemetry::Attributes& attributes,
                         std::string& out) {
  labels_.clear();
  for (const auto& [name, value] : attributes) {
    labels_.push_back({&NameOf(name), value});
  }
  bool first = true;
  for (size_t i = 0; i < labels_.size(); ++i) {
    if (labels_[i].written) continue;
    if (!first) out += ',';
    first = false;
    out += *labels_[i].name;
    out += "=\"";
    AppendEscaped(labels_[i].value, /*quotes=*/true, out);
    for (size_t j = i + 1; j < labels_.size(); ++j) {
      if (*labels_[j].name != *labels_[i].name) continue;
      labels_[j].written = true;
      out += ';';
      AppendEscaped(labels_[j].value, /*quotes=*/true, out);
    }
    out += '"';
  }
}

}  // namespace outrigger::admin
