// Environment variables as a configuration: each option has one, made from its
// path. The environment is handed in, so that tests can have their own.
#ifndef OUTRIGGER_CONFIG_ENVIRONMENT_H_
#define OUTRIGGER_CONFIG_ENVIRONMENT_H_

#include <map>
#include <string>
#include <vector>

#include "config/text/node.h"
#include "config/text/problem.h"
#include "config/text/table.h"

namespace outrigger::config {

// Variables and their values. An empty value counts as unset.
using Environment = std::map<std::string, std::string>;

// From the process's own form: "NAME=value" strings, ended by a null pointer.
Environment EnvironmentFrom(const char* const* entries);

// "OUTRIGGER_STORE_REDIS_URL" for "store.redis.url".
std::string VariableOf(absl::string_view path);

// Puts every OUTRIGGER_ variable into the tree, in place of what the file says.
// One that names no option is an error, but for OUTRIGGER_CONFIG and
// OUTRIGGER_TARGET (which are the command line's) and those that Kubernetes
// sets in every pod beside a Service whose name starts with "outrigger"
// (…_SERVICE_HOST, …_PORT and so on).
void OverlayEnvironment(const Environment& environment,
                        const std::vector<FieldInfo>& fields, Node& root,
                        Problems& problems);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_ENVIRONMENT_H_
