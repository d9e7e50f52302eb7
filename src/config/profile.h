// Defaults as a whole, for where a sidecar runs. Every single option still
// overrides them.
//
//   option                 prod            dev            test
//   listen.tcp             127.0.0.1:7420  the same       127.0.0.1:0
//   listen.admin           127.0.0.1:7421  the same       127.0.0.1:0
//   server.drain_timeout   25s             1s             1s
//   telemetry.traces_ratio 0.01            1              0
//   telemetry.log_level    info            debug          warning
//
// So under `dev` everything is seen and a restart is quick, and under `test`
// sidecars that run side by side do not fight for ports. What is not in the
// table is the same in all three. No profile is `prod`.
#ifndef OUTRIGGER_CONFIG_PROFILE_H_
#define OUTRIGGER_CONFIG_PROFILE_H_

#include "config/config.h"
#include "config/text/codec.h"

namespace outrigger::config {

// "prod", "dev", "test".
Codec<Profile> ProfileName();

// Sets the options of the table above, and config.profile. REQUIRES: `config`
// is as default-constructed, but for what no profile sets.
void ApplyProfile(Profile profile, Config& config);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_PROFILE_H_
