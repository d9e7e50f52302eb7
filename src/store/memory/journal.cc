#include "store/memory/journal.h"

#include <utility>

#include "absl/strings/numbers.h"

namespace outrigger::store {

std::string MemoryJournal::Append(JournalEntry entry) {
  const uint64_t id = ++last_;
  entry.id = std::to_string(id);
  return kept_.emplace(id, Kept{std::move(entry), "", 0})
      .first->second.entry.id;
}

std::vector<JournalEntry> MemoryJournal::Pull(const PullRequest& request,
                                              int64_t now_us) {
  std::vector<JournalEntry> pulled;
  const int64_t lapsed_us = now_us - request.take_over_after_ms * 1000;
  for (auto& [id, kept] : kept_) {
    if (pulled.size() >= static_cast<size_t>(request.most)) break;
    const bool own = request.again && kept.consumer == request.consumer;
    const bool free = kept.consumer.empty() || kept.given_us <= lapsed_us;
    if (!own && !free) continue;
    kept.consumer = request.consumer;
    kept.given_us = now_us;
    pulled.push_back(kept.entry);
  }
  return pulled;
}

void MemoryJournal::Acknowledge(const std::vector<std::string>& ids) {
  for (const std::string& text : ids) {
    uint64_t id = 0;
    if (absl::SimpleAtoi(text, &id)) kept_.erase(id);
  }
}

}  // namespace outrigger::store
