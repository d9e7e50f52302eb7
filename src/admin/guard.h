// Who may ask the admin server for what.
#ifndef OUTRIGGER_ADMIN_GUARD_H_
#define OUTRIGGER_ADMIN_GUARD_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "admin/http/message.h"
#include "admin/route.h"

namespace outrigger::admin {

// A value.
struct Guard {
  // The host that the server listens on.
  std::string host;
  // Only this machine can reach it.
  bool loopback = true;
  // See Server::Options. Empty: no token is asked for.
  std::string token_file;
  // Clients show a certificate, or the token if there is one.
  bool require_client_cert = false;

  // The answer for one who may not ask; unset if it may.
  //  421: on loopback, a Host that is not this machine's.
  //  401: no token or a wrong one, or no certificate.
  //  403: a page of another site wants something done.
  std::optional<Response> Refuse(const Route& route,
                                 const Request& request) const;
};

// A token is a file's only line, without blanks around it: 16 to 1024 printable
// characters without blanks. kFailedPrecondition naming the file.
absl::StatusOr<std::string> ReadToken(const std::string& file);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_GUARD_H_
