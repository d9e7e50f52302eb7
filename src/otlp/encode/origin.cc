#include "otlp/encode/origin.h"

#include <unistd.h>

#include <map>

#include "absl/strings/str_format.h"
#include "base/version.h"
#include "otlp/encode/attributes.h"

namespace outrigger::otlp {
namespace {

// RFC 9562's version 4.
std::string RandomUuid(RandomSource& random) {
  const uint64_t high = (random.Next() & ~0xF000ull) | 0x4000;
  const uint64_t low = (random.Next() & ~(3ull << 62)) | (2ull << 62);
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32,
                         (high >> 16) & 0xFFFF, high & 0xFFFF, low >> 48,
                         low & 0xFFFF'FFFF'FFFFull);
}

std::string HostName() {
  char name[256] = "";
  gethostname(name, sizeof(name) - 1);
  return name;
}

}  // namespace

Origin MakeOrigin(
    const std::vector<std::pair<std::string, std::string>>& attributes,
    RandomSource& random) {
  std::map<std::string, std::string> all(attributes.begin(), attributes.end());
  all.try_emplace("service.name", "outrigger");
  all.try_emplace("service.instance.id", RandomUuid(random));
  all["telemetry.sdk.name"] = "outrigger";
  all["telemetry.sdk.language"] = "cpp";
  all["telemetry.sdk.version"] = std::string(Version());
  const std::string host = HostName();
  if (!host.empty()) all.try_emplace("host.name", host);
  Origin origin;
  for (const auto& [name, value] : all) {
    AddText(name, value, *origin.resource.mutable_attributes());
  }
  auto* pid = origin.resource.add_attributes();
  pid->set_key("process.pid");
  pid->mutable_value()->set_int_value(getpid());
  origin.scope.set_name("outrigger");
  origin.scope.set_version(std::string(Version()));
  return origin;
}

}  // namespace outrigger::otlp
