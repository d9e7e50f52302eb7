// A lease's endpoint as libpq's parameters.
#ifndef OUTRIGGER_CLIENT_LIBPQ_PARAMETERS_H_
#define OUTRIGGER_CLIENT_LIBPQ_PARAMETERS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace outrigger::client::libpq {

// What `conninfo` says, with the endpoint's host and port; empty: its own.
// "host:port" and "unix:/folder/.s.PGSQL.port" are understood.
absl::StatusOr<std::map<std::string, std::string>> ParametersFor(
    const std::string& conninfo, const std::string& endpoint);

}  // namespace outrigger::client::libpq

#endif  // OUTRIGGER_CLIENT_LIBPQ_PARAMETERS_H_
