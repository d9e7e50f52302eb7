// "Did you mean …?" for names that nobody knows.
#ifndef OUTRIGGER_CONFIG_TEXT_SUGGEST_H_
#define OUTRIGGER_CONFIG_TEXT_SUGGEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace outrigger::config {

// " (did you mean X?)" with the candidate that `name` is most likely a slip of:
// at most a third of its bytes inserted, removed, replaced or swapped with
// their neighbour. Empty if none is that near, or `name` is over 64 bytes.
std::string DidYouMean(absl::string_view name,
                       const std::vector<std::string>& candidates);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TEXT_SUGGEST_H_
