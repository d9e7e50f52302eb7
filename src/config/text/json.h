// A Node tree as JSON.
#ifndef OUTRIGGER_CONFIG_TEXT_JSON_H_
#define OUTRIGGER_CONFIG_TEXT_JSON_H_

#include <string>

#include "config/text/node.h"

namespace outrigger::config {

// In one line, with a newline at its end. Scalars are strings: a tree does not
// know what they mean. REQUIRES: texts are UTF-8, as ParseYaml's are.
std::string EmitJson(const Node& node);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TEXT_JSON_H_
