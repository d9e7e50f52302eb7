// Defaults as a whole, for where a sidecar runs. Every single option still
// overrides them.
//
//   option                    prod            dev            test
//   listen.tcp                127.0.0.1:7420  the same       127.0.0.1:0
//   listen.admin              127.0.0.1:7421  the same       127.0.0.1:0
//   server.drain_timeout      25s             1s             1s
//   telemetry.traces_ratio    0.01            1              0
//   telemetry.log_level       info            debug          warning
//   breakers[].open_for       60s             5s             1s
//   breakers[].recover_for    10s             2s             0
//   pools[].acquire_timeout   30s             5s             1s
//   pools[].health.every      5s              1s             1s
//   pools[].health.eject_for  30s             5s             1s
//
// So under `dev` everything is seen, a restart is quick, and nobody waits long
// for what was stopped to be used again; under `test` sidecars that run side by
// side do not fight for ports. What is not in the table is the same in all
// three. No profile is `prod`.
#ifndef OUTRIGGER_CONFIG_PROFILE_H_
#define OUTRIGGER_CONFIG_PROFILE_H_

#include "config/config.h"
#include "config/text/codec.h"
#include "config/text/node.h"

namespace outrigger::config {

// "prod", "dev", "test".
Codec<Profile> ProfileName();

// The profile that the tree names; kProd if it names none, or none that there
// is, which is reported with the rest.
Profile ProfileOf(const Node& root);

// Sets the options of the table above, and config.profile. REQUIRES: `config`
// is as default-constructed, but for what no profile sets.
void ApplyProfile(Profile profile, Config& config);

// Puts what the tree's profile says about each breaker and each pool into the
// tree, where nothing else says it. Call after all other overlays.
void OverlayProfile(Node& root);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_PROFILE_H_
