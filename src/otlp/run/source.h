// What there is of one signal, and when it is sent.
#ifndef OUTRIGGER_OTLP_RUN_SOURCE_H_
#define OUTRIGGER_OTLP_RUN_SOURCE_H_

#include <functional>

#include "base/clock.h"

namespace outrigger::otlp {

// On the loop's thread.
class Source {
 public:
  virtual ~Source() = default;

  // Begins to send, as its options have it.
  virtual void Start() = 0;

  // Sends all that there is now; `done` runs when that has been accepted or
  // dropped, perhaps before this returns. Nothing is tried after `last`.
  virtual void Flush(MonotonicTime last, std::function<void()> done) = 0;
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_RUN_SOURCE_H_
