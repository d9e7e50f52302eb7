// Any bytes as the head of a request to the admin server: read without a crash,
// and what is taken has no control characters in it, which could split an
// answer or a log line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "admin/http/accept.h"
#include "admin/http/head.h"

namespace {

void AbortOnControls(const std::string& text, bool tabs) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 || byte == 0x7F) && !(tabs && c == '\t')) abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace outrigger::admin;  // NOLINT
  std::string text(reinterpret_cast<const char*>(data), size);
  const size_t end = text.find(std::string(kHeadEnd));
  text = text.substr(0, end) + std::string(kHeadEnd);
  const auto parsed = ParseHead(text);
  if (const auto* const response = std::get_if<Response>(&parsed)) {
    if (response->status < 400 || response->body.empty()) abort();
    return 0;
  }
  const Request& request = std::get<Head>(parsed).request;
  if (request.path.empty() || request.path[0] != '/') abort();
  AbortOnControls(request.path, false);
  for (const auto& [name, value] : request.query) {
    AbortOnControls(name + value, false);
  }
  for (const auto& [name, value] : request.headers) {
    AbortOnControls(name + value, true);
  }
  Wants(request, "text/plain");
  TakesGzip(request);
  return 0;
}
