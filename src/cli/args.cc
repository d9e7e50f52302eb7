#include "cli/args.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "config/text/suggest.h"

namespace outrigger::cli {
namespace {

absl::StatusOr<Flag> FindFlag(const std::string& name,
                              const std::vector<Flag>& flags) {
  std::vector<std::string> names;
  for (const Flag& flag : flags) {
    if (flag.name == name) return flag;
    names.push_back(flag.name);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown option --", name, config::DidYouMean(name, names)));
}

}  // namespace

std::string Args::Get(const std::string& flag) const {
  const auto it = flags_.find(flag);
  return it == flags_.end() ? "" : it->second.back();
}

std::vector<std::string> Args::All(const std::string& flag) const {
  const auto it = flags_.find(flag);
  return it == flags_.end() ? std::vector<std::string>() : it->second;
}

absl::StatusOr<Args> Args::Parse(const std::vector<std::string>& words,
                                 const std::vector<Flag>& flags) {
  Args args;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i] == "-h" ? "--help" : words[i];
    if (word == "--") {
      args.positional_.insert(args.positional_.end(), words.begin() + i + 1,
                              words.end());
      break;
    }
    if (!absl::StartsWith(word, "--")) {
      args.positional_.push_back(word);
      continue;
    }
    const size_t equals = word.find('=');
    const bool has_value = equals != std::string::npos;
    const std::string name = word.substr(2, has_value ? equals - 2 : equals);
    absl::StatusOr<Flag> flag = FindFlag(name, flags);
    if (!flag.ok()) return flag.status();
    std::string value = has_value ? word.substr(equals + 1) : "";
    if (flag->value.empty() && has_value) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", name, " takes no value"));
    }
    if (!flag->value.empty() && !has_value) {
      if (++i == words.size()) {
        return absl::InvalidArgumentError(
            absl::StrCat("--", name, " needs a value: ", flag->value));
      }
      value = words[i];
    }
    args.flags_[name].push_back(std::move(value));
  }
  return args;
}

}  // namespace outrigger::cli
