// A file and an environment to a Config: strict, and all problems at once.
//
// Precedence, from strongest: OUTRIGGER_ variables, the well-known variables
// (config/well_known.h), the file, the profile, the built-in defaults.
#ifndef OUTRIGGER_CONFIG_LOAD_H_
#define OUTRIGGER_CONFIG_LOAD_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/config.h"
#include "config/environment.h"
#include "config/text/problem.h"

namespace outrigger::config {

// What a text and an environment say.
struct Parsed {
  // Set if there are no errors.
  std::optional<Config> config;
  // Errors and warnings, by line.
  std::vector<Problem> problems;
};

// `text` may be any bytes; an empty one is a valid configuration. Warnings are
// in Config::warnings too, formatted with `filename`.
Parsed Parse(absl::string_view text, absl::string_view filename,
             const Environment& environment);

// The problems of Parse: `outrigger check`. Print them with Format; the file is
// good if none is an error.
std::vector<Problem> Check(absl::string_view text, absl::string_view filename,
                           const Environment& environment);

// The configuration of Parse, or kInvalidArgument with a line for each error,
// as Format gives them.
absl::StatusOr<Config> ParseText(absl::string_view text,
                                 absl::string_view filename,
                                 const Environment& environment);

// The file's content. kNotFound, kPermissionDenied, … with the path and the
// reason; kInvalidArgument if it has more than kMaxYamlBytes. Blocks.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Reads and parses the file at `path`; empty: no file, only the environment.
// Errors: those of ReadFile and ParseText. Blocks.
absl::StatusOr<Config> Load(const std::string& path,
                            const Environment& environment);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_LOAD_H_
