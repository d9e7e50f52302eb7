// Which Outrigger this is.
#ifndef OUTRIGGER_BASE_VERSION_H_
#define OUTRIGGER_BASE_VERSION_H_

#include "absl/strings/string_view.h"

namespace outrigger {

// "major.minor.patch", as in the top CMakeLists.txt. Lives for ever.
absl::string_view Version();

}  // namespace outrigger

#endif  // OUTRIGGER_BASE_VERSION_H_
