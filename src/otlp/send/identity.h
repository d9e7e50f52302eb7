// How the exporter presents itself.
#ifndef OUTRIGGER_OTLP_SEND_IDENTITY_H_
#define OUTRIGGER_OTLP_SEND_IDENTITY_H_

#include <string>

namespace outrigger::otlp {

// Of the program, e.g. "0.1.0".
const char* Version();

// "Outrigger/<version> OTel-OTLP-Exporter-Cpp/<version>".
const std::string& UserAgent();

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_SEND_IDENTITY_H_
