// The page at /: the files of src/admin/page, put into the program when it is
// built (cmake/embed.cmake), so that it needs none at run time.
#ifndef OUTRIGGER_ADMIN_PAGE_H_
#define OUTRIGGER_ADMIN_PAGE_H_

#include "absl/types/span.h"
#include "admin/routes.h"

namespace outrigger::admin {

// All of them, lean; index.html has the path "/". The etag is the content's
// hash. They ask for /performance/metrics and /performance/health each second,
// and need no more of a Content-Security-Policy than "default-src 'self'".
absl::Span<const StaticFile> PageFiles();

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_PAGE_H_
