// How much clients of the admin server may take.
#ifndef OUTRIGGER_ADMIN_BOUNDS_H_
#define OUTRIGGER_ADMIN_BOUNDS_H_

#include <chrono>
#include <cstddef>

#include "base/clock.h"

namespace outrigger::admin {

// Each refusal is counted in telemetry::kAdminRefused, under the name in
// brackets.
struct Bounds {
  // Connections at a time; one more ends the one that has waited longest
  // [connections].
  size_t connections = 64;
  // Request line and headers, in bytes; more is 431 [head].
  size_t head_bytes = 16 << 10;
  // A request's body, in bytes; more is 413 [body].
  size_t body_bytes = 64 << 10;
  // Answers not yet sent, of all clients, in bytes, when the next begins; more
  // is 503 [answers].
  size_t unsent_bytes = 32 << 20;
  // From a connection's start, or its last answer, to a request's first byte;
  // then it is closed. Nothing is counted.
  Duration idle = std::chrono::seconds(60);
  // From a request's first byte to its last; then it is 408 [request_time].
  Duration request_time = std::chrono::seconds(10);
  // From an answer's first byte to its last; then the connection is cut
  // [answer_time].
  Duration answer_time = std::chrono::seconds(30);
};

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_BOUNDS_H_
