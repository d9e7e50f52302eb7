#include "telemetry/process/kernel_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>

#include "absl/strings/match.h"

namespace outrigger::telemetry {

KernelFile::~KernelFile() { Close(); }

void KernelFile::Close() {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
}

absl::string_view KernelFile::Read() {
  if (descriptor_ < 0) {
    descriptor_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) return {};
  }
  // The kernel makes such a file's content anew when it is read from its start.
  const ssize_t size = pread(descriptor_, buffer_.data(), buffer_.size(), 0);
  if (size >= 0) return {buffer_.data(), static_cast<size_t>(size)};
  Close();
  return {};
}

std::optional<double> FirstNumber(absl::string_view text) {
  while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) {
    text.remove_prefix(1);
  }
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  return number;
}

std::optional<double> NumberAfter(absl::string_view text,
                                  absl::string_view name) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const absl::string_view line = text.substr(0, end);
    if (line.size() > name.size() && line[name.size()] == ' ' &&
        absl::StartsWith(line, name)) {
      return FirstNumber(line.substr(name.size()));
    }
    if (end == absl::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace outrigger::telemetry
