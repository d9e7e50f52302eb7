#include "config/describe.h"

#include "config/config_table.h"
#include "config/text/json.h"
#include "config/text/yaml.h"

namespace outrigger::config {

std::string Describe(const Config& config) {
  return EmitYaml(WriteTable(ConfigTable(), config, /*with_secrets=*/false));
}

std::string DescribeAsJson(const Config& config) {
  return EmitJson(WriteTable(ConfigTable(), config, /*with_secrets=*/false));
}

}  // namespace outrigger::config
