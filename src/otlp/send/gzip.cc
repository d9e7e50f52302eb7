#include "otlp/send/gzip.h"

#include <zlib.h>

#include <cstdlib>

namespace outrigger::otlp {
namespace {

// A window of 32 KiB, and gzip's frame rather than zlib's.
constexpr int kWindowBits = 15 + 16;
constexpr int kMemory = 8;  // zlib's default

}  // namespace

std::string Gzip(const std::string& text) {
  z_stream stream{};
  // Fails only without memory.
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kWindowBits,
                   kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    std::abort();
  }
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // not written
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace outrigger::otlp
