#include "analyser/finding.h"

namespace outrigger::analyser {

const char* NameOf(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kCritical:
      return "critical";
  }
  return "critical";
}

}  // namespace outrigger::analyser
