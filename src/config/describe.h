// The configuration in force, for people.
#ifndef OUTRIGGER_CONFIG_DESCRIBE_H_
#define OUTRIGGER_CONFIG_DESCRIBE_H_

#include <string>

#include "config/config.h"

namespace outrigger::config {

// YAML with every option and its value, defaults too, but no password; but for
// passwords, Parse reads it back to an equal configuration. A password file's
// name is shown.
std::string Describe(const Config& config);

// The same as JSON. Every value is a string, as the file would have it.
std::string DescribeAsJson(const Config& config);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_DESCRIBE_H_
