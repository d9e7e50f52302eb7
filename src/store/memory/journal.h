// A namespace's journal in memory: what PullWrites drains.
#ifndef OUTRIGGER_STORE_MEMORY_JOURNAL_H_
#define OUTRIGGER_STORE_MEMORY_JOURNAL_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "store/cache_store.h"

namespace outrigger::store {

// As CacheStore's functions of like names. Not thread-safe.
class MemoryJournal {
 public:
  std::string Append(JournalEntry entry);
  std::vector<JournalEntry> Pull(const PullRequest& request, int64_t now_us);
  void Acknowledge(const std::vector<std::string>& ids);
  size_t size() const { return kept_.size(); }

 private:
  struct Kept {
    JournalEntry entry;
    std::string consumer;  // who was given it; empty: nobody
    int64_t given_us = 0;
  };

  uint64_t last_ = 0;
  std::map<uint64_t, Kept> kept_;  // by id
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_STORE_MEMORY_JOURNAL_H_
