// Any bytes as the breaker's and the pool's requests: our readers must accept
// and understand them just as protobuf's do.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/rpc/deciding_wire_agreement.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const std::string& wrong :
       {outrigger::rpc::PermitDisagreement(bytes),
        outrigger::rpc::SlotDisagreement(bytes),
        outrigger::rpc::ReleaseDisagreement(bytes)}) {
    if (wrong.empty()) continue;
    std::fprintf(stderr, "disagreement: %s\n", wrong.c_str());
    std::abort();
  }
  return 0;
}
