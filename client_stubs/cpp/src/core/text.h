// Whether bytes are text as protocol buffers take it.
#ifndef OUTRIGGER_CLIENT_CORE_TEXT_H_
#define OUTRIGGER_CLIENT_CORE_TEXT_H_

#include "absl/strings/string_view.h"

namespace outrigger::client::internal {

// UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsText(absl::string_view bytes);

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CORE_TEXT_H_
