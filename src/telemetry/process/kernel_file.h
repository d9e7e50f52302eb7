// A small file of the kernel's, read again and again.
#ifndef OUTRIGGER_TELEMETRY_PROCESS_KERNEL_FILE_H_
#define OUTRIGGER_TELEMETRY_PROCESS_KERNEL_FILE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace outrigger::telemetry {

// Keeps the file open, so that a reading is one system call and no allocation.
// Not thread-safe.
class KernelFile {
 public:
  // Longest content that is read; the rest is left out.
  static constexpr size_t kMostBytes = 4096;

  explicit KernelFile(std::string path) : path_(std::move(path)) {}
  ~KernelFile();

  KernelFile(const KernelFile&) = delete;
  KernelFile& operator=(const KernelFile&) = delete;

  // The content now, until the next call; empty if it cannot be read. A file
  // that is not there is looked for again at each call.
  absl::string_view Read();

 private:
  void Close();

  const std::string path_;
  int descriptor_ = -1;
  std::array<char, kMostBytes> buffer_;
};

// The number at the start of `text`; unset if there is none.
std::optional<double> FirstNumber(absl::string_view text);

// The number in the line "`name` <number>" of `text`; unset if there is none.
std::optional<double> NumberAfter(absl::string_view text,
                                  absl::string_view name);

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_PROCESS_KERNEL_FILE_H_
