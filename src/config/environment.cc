#include "config/environment.h"

#include <algorithm>
#include <cstring>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "config/text/suggest.h"

namespace outrigger::config {
namespace {

constexpr absl::string_view kPrefix = "OUTRIGGER_";

// Whether Kubernetes sets such a variable for a Service, e.g.
// OUTRIGGER_PORT_7420_TCP_ADDR. No option's variable looks like that.
bool IsOfKubernetes(absl::string_view name) {
  if (absl::EndsWith(name, "_SERVICE_HOST") || absl::EndsWith(name, "_PORT") ||
      absl::StrContains(name, "_SERVICE_PORT_")) {
    return true;
  }
  for (const absl::string_view end : {"_PROTO", "_PORT", "_ADDR"}) {
    absl::ConsumeSuffix(&name, end);
  }
  for (const absl::string_view protocol : {"_TCP", "_UDP", "_SCTP"}) {
    absl::string_view rest = name;
    if (!absl::ConsumeSuffix(&rest, protocol)) continue;
    const size_t digits = rest.find_last_not_of("0123456789");
    return digits != absl::string_view::npos && digits + 1 < rest.size() &&
           absl::EndsWith(rest.substr(0, digits + 1), "_PORT_");
  }
  return false;
}

Node ListFrom(const std::string& text, const Place& place) {
  std::vector<std::string> parts;
  for (const absl::string_view part :
       absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    parts.emplace_back(absl::StripAsciiWhitespace(part));
  }
  return Node::List(parts, place);
}

void ReportUnknown(const std::string& name,
                   const std::vector<std::string>& known, Problems& problems) {
  std::vector<std::string> tails;
  for (const std::string& variable : known) {
    tails.push_back(variable.substr(kPrefix.size()));
  }
  std::string hint = DidYouMean(name.substr(kPrefix.size()), tails);
  hint = absl::StrReplaceAll(
      hint, {{"did you mean ", absl::StrCat("did you mean ", kPrefix)}});
  problems.Error(Place{.variable = name}, "",
                 absl::StrCat("no option has this variable", hint));
}

}  // namespace

Environment EnvironmentFrom(const char* const* entries) {
  Environment environment;
  for (; *entries != nullptr; ++entries) {
    const char* const equals = std::strchr(*entries, '=');
    if (equals == nullptr) continue;
    environment.emplace(std::string(*entries, equals), equals + 1);
  }
  return environment;
}

std::string VariableOf(absl::string_view path) {
  return absl::StrCat(
      kPrefix, absl::StrReplaceAll(absl::AsciiStrToUpper(path), {{".", "_"}}));
}

void OverlayEnvironment(const Environment& environment,
                        const std::vector<FieldInfo>& fields, Node& root,
                        Problems& problems) {
  absl::flat_hash_map<std::string, const FieldInfo*> options;
  std::vector<std::string> known;
  for (const FieldInfo& field : fields) {
    if (field.form == FieldInfo::Form::kOther) continue;
    known.push_back(VariableOf(field.path));
    options[known.back()] = &field;
  }
  for (const auto& [name, value] : environment) {
    if (!absl::StartsWith(name, kPrefix) || value.empty()) continue;
    if (name == "OUTRIGGER_CONFIG" || name == "OUTRIGGER_TARGET") continue;
    const auto option = options.find(name);
    if (option == options.end()) {
      if (!IsOfKubernetes(name)) ReportUnknown(name, known, problems);
      continue;
    }
    const FieldInfo& field = *option->second;
    const Place place{.variable = name};
    Put(root, field.path,
        field.form == FieldInfo::Form::kList ? ListFrom(value, place)
                                             : Node::Scalar(value, place));
  }
}

}  // namespace outrigger::config
