#ifndef OUTRIGGER_OTLP_SEND_GZIP_H_
#define OUTRIGGER_OTLP_SEND_GZIP_H_

#include <string>

namespace outrigger::otlp {

// `text` in the form of gzip.
std::string Gzip(const std::string& text);

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_SEND_GZIP_H_
