// What a client can take: the headers Accept and Accept-Encoding.
#ifndef OUTRIGGER_ADMIN_HTTP_ACCEPT_H_
#define OUTRIGGER_ADMIN_HTTP_ACCEPT_H_

#include "absl/strings/string_view.h"
#include "admin/http/message.h"

namespace outrigger::admin {

// How much the client wants `type` ("text/plain"), 0 (not at all) to 1: the
// quality of the most specific entry of Accept that covers it. 1 without such a
// header. Parameters other than q are not compared.
double Wants(const Request& request, absl::string_view type);

// Accept-Encoding names gzip, or all, with a quality above 0.
bool TakesGzip(const Request& request);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_HTTP_ACCEPT_H_
