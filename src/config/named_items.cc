#include "config/named_items.h"

namespace outrigger::config {

void ReportComplaint(const Node& root, const std::string& path,
                     absl::string_view complaint, Problems& problems) {
  const size_t colon = complaint.find(": ");
  const std::string full = JoinPath(path, complaint.substr(0, colon));
  problems.Error(NearestPlace(root, full), full, complaint.substr(colon + 2));
}

}  // namespace outrigger::config
