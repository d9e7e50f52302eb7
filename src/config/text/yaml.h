// YAML text to a Node tree and back: the only place that knows yaml-cpp.
//
// Read more strictly than YAML asks: one document; no key twice; no anchors,
// aliases or tags (they hide what a value is); keys are plain texts.
#ifndef OUTRIGGER_CONFIG_TEXT_YAML_H_
#define OUTRIGGER_CONFIG_TEXT_YAML_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "config/text/node.h"
#include "config/text/problem.h"

namespace outrigger::config {

// Longest text that is read; in bytes.
inline constexpr size_t kMaxYamlBytes = 1 << 20;
// Maps and lists within each other, the outermost counted.
inline constexpr int kMaxYamlDepth = 16;

// The tree of `text`, which may be any bytes; a null node for an empty text.
// After a syntax error it holds what was read before.
Node ParseYaml(absl::string_view text, Problems& problems);

// Text from which ParseYaml makes an equal tree, but for places. Block style,
// with lists of scalars in one line; ends with a newline.
std::string EmitYaml(const Node& node);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TEXT_YAML_H_
