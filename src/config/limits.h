// The section `limits`: a list of limits, each with its defaults and checked.
#ifndef OUTRIGGER_CONFIG_LIMITS_H_
#define OUTRIGGER_CONFIG_LIMITS_H_

#include <string>
#include <vector>

#include "config/text/node.h"
#include "config/text/problem.h"
#include "limit/limit_config.h"

namespace outrigger::config {

// Reads the list at `path`. A limit without a burst gets one as large as its
// rate's number (for an adaptive one: what `initial` gives in a second), and at
// least 1. What limit::Validate complains about is given the place of the
// option that it is about. Limits with a problem are left out.
void ReadLimits(const Node& node, const std::string& path,
                std::vector<limit::LimitConfig>& limits, Problems& problems);

// The list that ReadLimits would read; null if it is empty.
Node WriteLimits(const std::vector<limit::LimitConfig>& limits);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_LIMITS_H_
