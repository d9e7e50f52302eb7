// Numbers and texts as the exposition formats have them.
#ifndef OUTRIGGER_ADMIN_PROMETHEUS_NUMBERS_H_
#define OUTRIGGER_ADMIN_PROMETHEUS_NUMBERS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace outrigger::admin {

void AppendNumber(int64_t value, std::string& out);
void AppendNumber(uint64_t value, std::string& out);
// As short as reads back to the same; "NaN", "+Inf", "-Inf".
void AppendNumber(double value, std::string& out);

// A bucket's bound: OpenMetrics' canonical form, "1.0", "0.0005", "5e-06".
std::string BoundText(double bound);

// With backslash, line feed and, if `quotes`, the quote escaped. Bytes that are
// not UTF-8 stay as they are.
void AppendEscaped(absl::string_view text, bool quotes, std::string& out);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_PROMETHEUS_NUMBERS_H_
