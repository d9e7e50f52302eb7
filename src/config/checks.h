// What options allow beside each other.
#ifndef OUTRIGGER_CONFIG_CHECKS_H_
#define OUTRIGGER_CONFIG_CHECKS_H_

#include "config/config.h"
#include "config/text/node.h"
#include "config/text/problem.h"

namespace outrigger::config {

// Reports where `listen` contradicts itself, or would let others read what is
// said: gRPC beyond loopback without TLS, admin with neither TLS nor a token,
// unless `insecure` says that it is meant. `root` is the tree, for places.
void CheckListen(const Node& root, const Listen& listen, Problems& problems);

// Reports a certificate without a key, or the reverse.
void CheckTelemetry(const Node& root, const Telemetry& telemetry,
                    Problems& problems);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_CHECKS_H_
