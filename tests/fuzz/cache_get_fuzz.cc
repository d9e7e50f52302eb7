// GetRequest as we read it and as protobuf does.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/rpc/cache_wire_agreement.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::string wrong = outrigger::rpc::GetDisagreement(bytes);
  if (!wrong.empty()) {
    std::fprintf(stderr, "disagreement: %s\n", wrong.c_str());
    std::abort();
  }
  return 0;
}
