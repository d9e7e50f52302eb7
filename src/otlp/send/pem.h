// Files of certificates and keys.
#ifndef OUTRIGGER_OTLP_SEND_PEM_H_
#define OUTRIGGER_OTLP_SEND_PEM_H_

#include <string>

#include "absl/status/statusor.h"

namespace outrigger::otlp {

// The file's content; kFailedPrecondition with the path if it cannot be read,
// is empty, or has more than 4 MiB. Blocks.
absl::StatusOr<std::string> ReadPem(const std::string& path);

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_SEND_PEM_H_
