// Any bytes as an AllowRequest: our reader must accept and understand them just
// as protobuf's does.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/rpc/wire_agreement.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::string disagreement = outrigger::rpc::WireDisagreement(bytes);
  if (!disagreement.empty()) {
    std::fprintf(stderr, "disagreement: %s\n", disagreement.c_str());
    std::abort();
  }
  outrigger::rpc::BatchFields fields;
  outrigger::rpc::ReadAllowMany(bytes, &fields);
  return 0;
}
