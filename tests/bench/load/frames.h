// The frames of HTTP/2 that a gRPC client needs, by hand (RFC 9113, RFC 7541).
#ifndef OUTRIGGER_BENCH_LOAD_FRAMES_H_
#define OUTRIGGER_BENCH_LOAD_FRAMES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace outrigger::bench {

enum class FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kGoAway = 7,
  kWindowUpdate = 8,
};

inline constexpr uint8_t kEndStream = 1;
inline constexpr uint8_t kAck = 1;
inline constexpr uint8_t kEndHeaders = 4;
inline constexpr uint8_t kPadded = 8;

struct Frame {
  FrameType type = FrameType::kData;
  uint8_t flags = 0;
  uint32_t stream = 0;
  // Into the bytes given to TakeFrame.
  absl::string_view payload = {};
};

// Takes one whole frame off the front of `bytes`; false if there is none yet.
bool TakeFrame(absl::string_view* bytes, Frame* frame);

void AppendFrame(const Frame& frame, std::string* out);
void AppendUint32(uint32_t value, std::string* out);
uint32_t ReadUint32(absl::string_view bytes);

// What a connection begins with: the preface, and windows so wide that the
// server is never held back.
void AppendOpening(std::string* out);
// Lets the server send this many bytes more on the connection.
void AppendWindowUpdate(uint32_t bytes, std::string* out);

// The header block of a gRPC request for `path`. The first on a connection
// enters the fields into the server's table; the others then name them by
// number, as gRPC's own clients do.
std::string FirstHeaders(absl::string_view path);
std::string LaterHeaders();
// The same for another path, which does not enter the table.
std::string LaterHeadersFor(absl::string_view path);

}  // namespace outrigger::bench

#endif  // OUTRIGGER_BENCH_LOAD_FRAMES_H_
