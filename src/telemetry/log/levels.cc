#include "telemetry/log/levels.h"

#include <algorithm>

namespace outrigger::telemetry {

void LogLevels::Add(absl::string_view part) {
  absl::MutexLock lock(&mutex_);
  if (parts_.size() < Log::kMostParts) parts_.try_emplace(std::string(part));
}

bool LogLevels::Wants(absl::string_view part, LogLevel level) const {
  if (level < lowest_.load(std::memory_order_relaxed)) return false;
  absl::MutexLock lock(&mutex_);
  const auto found = parts_.find(part);
  return level >=
         (found == parts_.end() ? minimum_ : found->second.value_or(minimum_));
}

void LogLevels::FindLowest() {
  LogLevel lowest = minimum_;
  for (const auto& [part, level] : parts_) {
    lowest = std::min(lowest, level.value_or(minimum_));
  }
  lowest_.store(lowest, std::memory_order_relaxed);
}

void LogLevels::SetMinimum(LogLevel level) {
  absl::MutexLock lock(&mutex_);
  minimum_ = level;
  FindLowest();
}

LogLevel LogLevels::minimum() const {
  absl::MutexLock lock(&mutex_);
  return minimum_;
}

bool LogLevels::SetLevel(absl::string_view part, LogLevel level) {
  absl::MutexLock lock(&mutex_);
  const auto found = parts_.find(part);
  if (found != parts_.end()) {
    found->second = level;
  } else if (parts_.size() < Log::kMostParts) {
    parts_.emplace(std::string(part), level);
  } else {
    return false;
  }
  FindLowest();
  return true;
}

void LogLevels::ClearLevel(absl::string_view part) {
  absl::MutexLock lock(&mutex_);
  const auto found = parts_.find(part);
  if (found != parts_.end()) found->second.reset();
  FindLowest();
}

std::vector<LogPart> LogLevels::Parts() const {
  absl::MutexLock lock(&mutex_);
  std::vector<LogPart> parts;
  for (const auto& [name, level] : parts_) {
    parts.push_back({name, level.value_or(minimum_), level.has_value()});
  }
  return parts;
}

}  // namespace outrigger::telemetry
