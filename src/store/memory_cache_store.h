// The fleet's caches in memory: for one process, for tests, and as the model
// that the Redis scripts are compared with.
#ifndef OUTRIGGER_STORE_MEMORY_CACHE_STORE_H_
#define OUTRIGGER_STORE_MEMORY_CACHE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "store/cache_store.h"
#include "store/memory/journal.h"
#include "store/memory/marks.h"
#include "store/memory/values.h"

namespace outrigger::store {

// Thread-safe; callbacks and the listener run before the call returns, with no
// lock held. Its time is the clock's monotonic one, set to the date at
// construction. Expired values are not told of.
class MemoryCacheStore final : public CacheStore {
 public:
  // Values, their names included, of more than `max_bytes` are dropped, those
  // longest unused first. The journal is bounded by `max_journal` entries of
  // all namespaces; beyond, Append is kResourceExhausted. `clock` must outlive
  // the store.
  MemoryCacheStore(const Clock& clock, size_t max_bytes,
                   size_t max_journal = 100'000);

  void Listen(CacheListener* listener) override;
  void Read(CacheKey key, Callback<std::string> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void ReadHeader(CacheKey key, Callback<std::string> done) override;
  void Acquire(AcquireRequest request, Callback<AcquireReply> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Write(WriteRequest request, Callback<WriteReply> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(RemoveRequest request, Callback<bool> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Abandon(CacheKey key, CacheToken token, Done done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void AddMarks(MarkRequest request, Callback<uint64_t> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void ReadMarks(std::string ns, Callback<Marks> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void ReadTags(std::string ns, std::vector<std::string> tags,
                Callback<std::vector<TagMarks>> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Append(std::string ns, JournalEntry entry,
              Callback<std::string> done) override ABSL_LOCKS_EXCLUDED(mutex_);
  void Pull(PullRequest request,
            Callback<std::vector<JournalEntry>> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Acknowledge(std::string ns, std::vector<std::string> ids,
                   Done done) override ABSL_LOCKS_EXCLUDED(mutex_);
  void AddHotKeys(std::string ns, std::vector<HotKey> keys, Done done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void ReadHotKeys(std::string ns, int most,
                   Callback<std::vector<HotKey>> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  int64_t NowMs() const override { return NowUs() / 1000; }
  bool reachable() const override { return true; }

  // Loses everything, and tells the listener.
  void Flush() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  int64_t NowUs() const;
  void Tell(const CacheKey& key);

  const Clock& clock_;
  const int64_t offset_us_;
  const size_t max_journal_;
  CacheListener* listener_ = nullptr;
  absl::Mutex mutex_;
  MemoryValues values_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, MemoryMarks> marks_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, MemoryJournal> journals_ ABSL_GUARDED_BY(mutex_);
  size_t journal_size_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::map<std::string, double>> hot_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_STORE_MEMORY_CACHE_STORE_H_
