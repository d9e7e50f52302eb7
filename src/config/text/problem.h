// What is wrong with a configuration, and where: every problem is collected,
// so that one run of `outrigger check` shows them all.
#ifndef OUTRIGGER_CONFIG_TEXT_PROBLEM_H_
#define OUTRIGGER_CONFIG_TEXT_PROBLEM_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace outrigger::config {

// Where a value was written. A value.
struct Place {
  // In the file, from 1. 0: not in the file.
  int line = 0;
  // In bytes, from 1. 0: unknown.
  int column = 0;
  // The environment variable that set the value; empty: the file did.
  std::string variable{};

  bool operator==(const Place&) const = default;
};

struct Problem {
  enum class Severity { kError, kWarning };

  Severity severity = Severity::kError;
  Place place;
  // The option, e.g. "limits[2].burst". Empty: the file as a whole.
  std::string path;
  // What is wrong, and what is allowed. One line, printable.
  std::string message;

  bool operator==(const Problem&) const = default;
};

// One line without its end:
//     FILE:3: column 5: limits[0].brust: unknown key
//     environment: OUTRIGGER_SERVER_THREADS: server.threads: …
// A warning's message starts with "warning: ". An empty `filename` reads
// "configuration".
std::string Format(const Problem& problem, absl::string_view filename);

// `text` in single quotes, with unprintable bytes escaped and the end of a long
// one left out: for messages.
std::string Quote(absl::string_view text);

// Collects problems in the order in which they are found. Not thread-safe.
class Problems {
 public:
  // Beyond this many, problems are counted as errors but not kept.
  static constexpr size_t kMaxKept = 100;

  void Error(const Place& place, absl::string_view path,
             absl::string_view message);
  void Warn(const Place& place, absl::string_view path,
            absl::string_view message);

  // Errors found so far, those not kept included.
  size_t errors() const { return errors_; }

  // Whether an error was kept at `path` or below it.
  bool HasErrorAt(absl::string_view path) const;

  // All that were kept, by line (those of the environment first); if some were
  // not, the last one says so.
  std::vector<Problem> Take() &&;

 private:
  void Keep(Problem problem);

  std::vector<Problem> kept_;
  size_t errors_ = 0;
  size_t left_out_ = 0;
};

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TEXT_PROBLEM_H_
