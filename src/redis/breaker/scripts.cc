#include "redis/breaker/scripts.h"

#include <string>

#include "redis/script_texts.h"  // made by CMake from redis/scripts/*.lua

namespace outrigger::redis {
namespace {

std::string WithLibrary(const char* text) {
  return std::string(script_text::breaker_lib) + text;
}

}  // namespace

const Script& BreakerReadScript() {
  static const Script& script =
      *new Script("breaker_read", WithLibrary(script_text::breaker_read));
  return script;
}

const Script& BreakerReportScript() {
  static const Script& script =
      *new Script("breaker_report", WithLibrary(script_text::breaker_report));
  return script;
}

const Script& BreakerSwapScript() {
  static const Script& script =
      *new Script("breaker_swap", script_text::breaker_swap);
  return script;
}

std::vector<const Script*> AllBreakerScripts() {
  return {&BreakerReadScript(), &BreakerReportScript(), &BreakerSwapScript()};
}

}  // namespace outrigger::redis
