// What this pod calls itself in the fleet.
#ifndef OUTRIGGER_SERVER_POD_NAME_H_
#define OUTRIGGER_SERVER_POD_NAME_H_

#include <string>

#include "base/random.h"

namespace outrigger::server {

// "checkout-7d4b9c-x2x8p-1f3a…": the machine's name (a pod's, in Kubernetes),
// so that people know whose it is, and a random number, so that each run has
// its own. 1 to 64 of [A-Za-z0-9_.-].
std::string MakePodName(RandomSource& random);

}  // namespace outrigger::server

#endif  // OUTRIGGER_SERVER_POD_NAME_H_
