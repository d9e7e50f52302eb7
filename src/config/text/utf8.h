// Which bytes may stand in a configuration file.
#ifndef OUTRIGGER_CONFIG_TEXT_UTF8_H_
#define OUTRIGGER_CONFIG_TEXT_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace outrigger::config {

// The offset of the first byte that is not part of well-formed UTF-8 (RFC 3629:
// no overlong forms, no surrogates), or is a control character other than tab,
// line feed and carriage return; text.size() if there is none.
size_t FirstBadByte(absl::string_view text);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TEXT_UTF8_H_
