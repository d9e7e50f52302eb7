#include "config/reload.h"

#include "absl/strings/match.h"
#include "config/config_table.h"
#include "config/text/yaml.h"

namespace outrigger::config {

std::vector<std::string> RestartOnlyChanges(const Config& running,
                                            const Config& next) {
  std::vector<std::string> paths;
  const bool redis_switched =
      running.store.redis.has_value() != next.store.redis.has_value();
  if (redis_switched) paths.push_back("store.redis");
  for (const Field<Config>& field : ConfigTable()) {
    if (!field.info.needs_restart) continue;
    // Told once, not for each of its options.
    if (redis_switched && absl::StartsWith(field.info.path, "store.redis.")) {
      continue;
    }
    if (EmitYaml(field.write(running)) != EmitYaml(field.write(next))) {
      paths.push_back(field.info.path);
    }
  }
  return paths;
}

}  // namespace outrigger::config
