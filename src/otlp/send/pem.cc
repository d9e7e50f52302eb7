#include "otlp/send/pem.h"

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace outrigger::otlp {
namespace {

constexpr size_t kMaxBytes = 4 << 20;

}  // namespace

absl::StatusOr<std::string> ReadPem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content;
  char block[16 * 1024];
  while (file && content.size() <= kMaxBytes) {
    file.read(block, sizeof(block));
    content.append(block, static_cast<size_t>(file.gcount()));
  }
  if (content.empty() || content.size() > kMaxBytes) {
    return absl::FailedPreconditionError(
        absl::StrCat("telemetry: ", path, ": cannot be read, or is empty"));
  }
  return content;
}

}  // namespace outrigger::otlp
