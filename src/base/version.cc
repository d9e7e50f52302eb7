#include "base/version.h"

namespace outrigger {

absl::string_view Version() { return OUTRIGGER_VERSION; }

}  // namespace outrigger
