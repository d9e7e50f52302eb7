// What a request asks for: path and query.
#ifndef OUTRIGGER_ADMIN_HTTP_TARGET_H_
#define OUTRIGGER_ADMIN_HTTP_TARGET_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace outrigger::admin {

struct Target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
  // Of "http://authority/path"; else empty.
  std::string authority;
};

// "/path?a=b", or the same after "http://host". False if it is neither, or an
// escape is malformed or stands for a control character.
bool ParseTarget(absl::string_view text, Target& target);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_HTTP_TARGET_H_
