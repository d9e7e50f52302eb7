#include "admin/http/gzip.h"

#include <zlib.h>

namespace outrigger::admin {

std::string Gzip(absl::string_view text) {
  constexpr int kGzipWindowBits = 15 + 16;  // zlib's way to ask for gzip
  constexpr int kMemoryLevel = 8;           // zlib's default
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
               Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);  // the bound is enough for all of it
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace outrigger::admin
