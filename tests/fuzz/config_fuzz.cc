// Any bytes as a configuration file: read without a crash, and what is taken is
// printed and taken again as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "config/describe.h"
#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace outrigger::config;  // NOLINT
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  Parsed parsed = Parse(text, "fuzz.yaml", {});
  for (const Problem& problem : parsed.problems) {
    if (Format(problem, "fuzz.yaml").find('\n') != std::string::npos) abort();
  }
  if (!parsed.config.has_value()) return 0;
  // Passwords are not printed, and so are not compared.
  auto& redis = parsed.config->store.redis;
  if (redis.has_value() &&
      !(redis->password.empty() && redis->sentinel.password.empty())) {
    return 0;
  }
  parsed.config->warnings.clear();
  const auto again = ParseText(Describe(*parsed.config), "again.yaml", {});
  if (!again.ok() || !(*again == *parsed.config)) abort();
  return 0;
}
