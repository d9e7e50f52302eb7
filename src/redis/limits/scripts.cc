#include "redis/limits/scripts.h"

#include <string>

#include "redis/script_texts.h"  // made by CMake from redis/scripts/*.lua

namespace outrigger::redis {
namespace {

std::string WithLibrary(const char* text) {
  return std::string(script_text::lib) + text;
}

}  // namespace

const Script& TakeOneScript() {
  static const Script& script = *new Script("take_one", script_text::take_one);
  return script;
}

const Script& TakeScript() {
  static const Script& script =
      *new Script("take", WithLibrary(script_text::take));
  return script;
}

const Script& LeaseScript() {
  static const Script& script =
      *new Script("lease", WithLibrary(script_text::lease));
  return script;
}

const Script& RefundScript() {
  static const Script& script =
      *new Script("refund", WithLibrary(script_text::refund));
  return script;
}

const Script& AdjustScript() {
  static const Script& script =
      *new Script("adjust", WithLibrary(script_text::adjust));
  return script;
}

const Script& HeartbeatScript() {
  static const Script& script =
      *new Script("heartbeat", script_text::heartbeat);
  return script;
}

std::vector<const Script*> AllLimitScripts() {
  return {&TakeOneScript(), &TakeScript(),   &LeaseScript(),
          &RefundScript(),  &AdjustScript(), &HeartbeatScript()};
}

}  // namespace outrigger::redis
