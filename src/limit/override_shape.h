// The numbers of a limit for requests that an override matches.
#ifndef OUTRIGGER_LIMIT_OVERRIDE_SHAPE_H_
#define OUTRIGGER_LIMIT_OVERRIDE_SHAPE_H_

#include "limit/limit_config.h"

namespace outrigger::limit {

// `shape` with what the override sets in place of its own. A rate without a
// burst sets the burst too; a window's burst sets its rate too.
Shape OverrideShape(Shape shape, const Override& override);

}  // namespace outrigger::limit

#endif  // OUTRIGGER_LIMIT_OVERRIDE_SHAPE_H_
