#include "redis/cache/scripts.h"

#include <string>

#include "redis/script_texts.h"  // made by CMake from redis/scripts/*.lua

namespace outrigger::redis {
namespace {

const Script* WithLibrary(absl::string_view name, const char* text) {
  return new Script(name, std::string(script_text::cache_lib) + text);
}

}  // namespace

const Script& CacheAcquireScript() {
  static const Script& script =
      *WithLibrary("cache_acquire", script_text::cache_acquire);
  return script;
}

const Script& CacheWriteScript() {
  static const Script& script =
      *WithLibrary("cache_write", script_text::cache_write);
  return script;
}

const Script& CacheRemoveScript() {
  static const Script& script =
      *WithLibrary("cache_remove", script_text::cache_remove);
  return script;
}

const Script& CacheAbandonScript() {
  static const Script& script =
      *WithLibrary("cache_abandon", script_text::cache_abandon);
  return script;
}

const Script& CacheMarkScript() {
  static const Script& script =
      *new Script("cache_mark", script_text::cache_mark);
  return script;
}

const Script& CacheReadMarksScript() {
  static const Script& script =
      *new Script("cache_read_marks", script_text::cache_read_marks);
  return script;
}

const Script& CachePullScript() {
  static const Script& script =
      *new Script("cache_pull", script_text::cache_pull);
  return script;
}

const Script& CacheAcknowledgeScript() {
  static const Script& script =
      *new Script("cache_acknowledge", script_text::cache_acknowledge);
  return script;
}

const Script& CacheHeatScript() {
  static const Script& script =
      *new Script("cache_heat", script_text::cache_heat);
  return script;
}

std::vector<const Script*> AllCacheScripts() {
  return {
      &CacheAcquireScript(), &CacheWriteScript(),       &CacheRemoveScript(),
      &CacheAbandonScript(), &CacheMarkScript(),        &CacheReadMarksScript(),
      &CachePullScript(),    &CacheAcknowledgeScript(), &CacheHeatScript()};
}

}  // namespace outrigger::redis
