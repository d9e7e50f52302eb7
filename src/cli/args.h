// The words of a command line, taken apart.
#ifndef OUTRIGGER_CLI_ARGS_H_
#define OUTRIGGER_CLI_ARGS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace outrigger::cli {

// An option of a command: "--name", or "--name VALUE" (also "--name=VALUE").
struct Flag {
  std::string name;   // without the dashes
  std::string value;  // what the value is called in the help; empty: none
  std::string help;   // one line
};

// A value.
class Args {
 public:
  // Words that start with "--" are options, until "--" alone. "-h" is "--help".
  // kInvalidArgument names the word that is wrong.
  static absl::StatusOr<Args> Parse(const std::vector<std::string>& words,
                                    const std::vector<Flag>& flags);

  bool Has(const std::string& flag) const { return flags_.contains(flag); }
  // Empty if it was not given; the last one if it was given more than once.
  std::string Get(const std::string& flag) const;
  // All that were given, in order.
  std::vector<std::string> All(const std::string& flag) const;
  const std::vector<std::string>& positional() const { return positional_; }

 private:
  std::map<std::string, std::vector<std::string>> flags_;
  std::vector<std::string> positional_;
};

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_ARGS_H_
