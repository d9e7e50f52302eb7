#include "config/profile.h"

#include <chrono>

namespace outrigger::config {

Codec<Profile> ProfileName() {
  return Choice<Profile>({{"prod", Profile::kProd},
                          {"dev", Profile::kDev},
                          {"test", Profile::kTest}});
}

void ApplyProfile(Profile profile, Config& config) {
  config.profile = profile;
  switch (profile) {
    case Profile::kProd:
      return;
    case Profile::kDev:
      config.server.drain_timeout = std::chrono::seconds(1);
      config.telemetry.traces_ratio = 1;
      config.telemetry.log_level = telemetry::LogLevel::kDebug;
      return;
    case Profile::kTest:
      config.listen.tcp->port = 0;
      config.listen.admin->port = 0;
      config.server.drain_timeout = std::chrono::seconds(1);
      config.telemetry.traces_ratio = 0;
      config.telemetry.log_level = telemetry::LogLevel::kWarning;
      return;
  }
}

}  // namespace outrigger::config
