// What `outrigger serve` prints when it serves.
#ifndef OUTRIGGER_SERVER_BANNER_H_
#define OUTRIGGER_SERVER_BANNER_H_

#include <string>
#include <vector>

#include "config/config.h"
#include "config/environment.h"

namespace outrigger::server {

// Where it listens, what it limits, and a call to try. `targets`: what clients
// dial. `page`: the page's URL; empty: there is none. `program`: how the user
// called us.
std::string Banner(const config::Config& config,
                   const std::vector<std::string>& targets,
                   const std::string& page, const std::string& program,
                   const config::Environment& environment);

}  // namespace outrigger::server

#endif  // OUTRIGGER_SERVER_BANNER_H_
