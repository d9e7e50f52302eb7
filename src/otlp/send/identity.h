// How the exporter presents itself.
#ifndef OUTRIGGER_OTLP_SEND_IDENTITY_H_
#define OUTRIGGER_OTLP_SEND_IDENTITY_H_

#include <string>

namespace outrigger::otlp {

// "Outrigger/<version> OTel-OTLP-Exporter-Cpp/<version>".
const std::string& UserAgent();

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_SEND_IDENTITY_H_
