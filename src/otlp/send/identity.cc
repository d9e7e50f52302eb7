#include "otlp/send/identity.h"

#include "absl/strings/str_cat.h"
#include "base/version.h"

namespace outrigger::otlp {

const std::string& UserAgent() {
  static const auto* const agent = new std::string(absl::StrCat(
      "Outrigger/", Version(), " OTel-OTLP-Exporter-Cpp/", Version()));
  return *agent;
}

}  // namespace outrigger::otlp
