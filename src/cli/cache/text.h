// The cache's answers as text for people.
#ifndef OUTRIGGER_CLI_CACHE_TEXT_H_
#define OUTRIGGER_CLI_CACHE_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "outrigger/cache/v1/cache.pb.h"

namespace outrigger::cli {

// "hit: version 17, 1.2s old, fresh for 4m58s, coherent", and then the value,
// in a line of its own.
std::string DescribeGet(const cache::v1::GetResponse& response);
// "stored: version 17"; "refused: …" and why.
std::string DescribeSet(const cache::v1::SetResponse& response);
// "written user:42 version 17".
std::string DescribeEvent(const cache::v1::WatchEvent& event);
// A table of the namespaces.
std::string DescribeStatus(const cache::v1::StatusResponse& response);

// A token, or another value that is not text, as a command line takes it.
std::string Hex(absl::string_view bytes);
absl::StatusOr<std::string> FromHex(absl::string_view text);

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_CACHE_TEXT_H_
