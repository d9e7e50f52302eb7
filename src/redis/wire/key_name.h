// Names of all kinds as parts of keys: bytes that could be mistaken are written
// as %XX.
#ifndef OUTRIGGER_REDIS_WIRE_KEY_NAME_H_
#define OUTRIGGER_REDIS_WIRE_KEY_NAME_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace outrigger::redis {

// Escapes '%', braces (they decide the cluster's slot), blanks, what is not
// ASCII, and `also`. Any bytes; the result is unique.
std::string EscapeName(absl::string_view name, char also);
// What was escaped; none if it was not escaped by the above.
std::optional<std::string> UnescapeName(absl::string_view escaped);

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_WIRE_KEY_NAME_H_
