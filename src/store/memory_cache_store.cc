#include "store/memory_cache_store.h"

#include <algorithm>
#include <utility>

#include "cache/record.h"

namespace outrigger::store {
namespace {

// Of one namespace. When there are more, the least read half goes.
constexpr size_t kMaxHotKeys = 1000;
// What remains of a key's reads each time that some are added.
constexpr double kFade = 0.9;

void KeepHottest(std::map<std::string, double>& keys) {
  if (keys.size() <= 2 * kMaxHotKeys) return;
  std::vector<double> reads;
  for (const auto& [key, count] : keys) reads.push_back(count);
  std::nth_element(reads.begin(), reads.end() - kMaxHotKeys, reads.end());
  const double least = reads[reads.size() - kMaxHotKeys];
  std::erase_if(keys, [least](const auto& k) { return k.second < least; });
}

}  // namespace

MemoryCacheStore::MemoryCacheStore(const Clock& clock, size_t max_bytes,
                                   size_t max_journal)
    : clock_(clock),
      offset_us_(std::chrono::duration_cast<std::chrono::microseconds>(
                     clock.WallNow().time_since_epoch())
                     .count() -
                 ToMicros(clock.Now())),
      max_journal_(max_journal),
      values_(max_bytes) {}

int64_t MemoryCacheStore::NowUs() const {
  return ToMicros(clock_.Now()) + offset_us_;
}

void MemoryCacheStore::Listen(CacheListener* listener) {
  listener_ = listener;
  listener_->OnVerified(/*forgot=*/true);
}

void MemoryCacheStore::Tell(const CacheKey& key) {
  if (listener_ != nullptr) listener_->OnChanged({key});
}

void MemoryCacheStore::Read(CacheKey key, Callback<std::string> done) {
  std::string record;
  {
    absl::MutexLock lock(&mutex_);
    record = values_.Read(key, NowUs());
  }
  done(std::move(record));
}

void MemoryCacheStore::ReadHeader(CacheKey key, Callback<std::string> done) {
  Read(std::move(key),
       [done = std::move(done)](absl::StatusOr<std::string> record) mutable {
         if (record.ok() && record->size() > cache::kRecordHeaderBytes) {
           record->resize(cache::kRecordHeaderBytes);
         }
         done(std::move(record));
       });
}

void MemoryCacheStore::Acquire(AcquireRequest request,
                               Callback<AcquireReply> done) {
  AcquireReply reply;
  {
    absl::MutexLock lock(&mutex_);
    reply = values_.Acquire(request, NowUs());
  }
  done(std::move(reply));
}

void MemoryCacheStore::Write(WriteRequest request, Callback<WriteReply> done) {
  const CacheKey key = request.key;
  WriteReply reply;
  {
    absl::MutexLock lock(&mutex_);
    reply = values_.Write(std::move(request), NowUs());
  }
  if (reply.stored) Tell(key);
  done(reply);
}

void MemoryCacheStore::Remove(RemoveRequest request, Callback<bool> done) {
  bool removed = false;
  {
    absl::MutexLock lock(&mutex_);
    removed = values_.Remove(request, NowUs());
  }
  if (removed || request.if_version == 0) Tell(request.key);
  done(removed);
}

void MemoryCacheStore::Abandon(CacheKey key, CacheToken token, Done done) {
  {
    absl::MutexLock lock(&mutex_);
    values_.Abandon(key, token);
  }
  Tell(key);
  done(absl::OkStatus());
}

void MemoryCacheStore::AddMarks(MarkRequest request, Callback<uint64_t> done) {
  uint64_t number = 0;
  {
    absl::MutexLock lock(&mutex_);
    number = marks_[request.ns].Add(request, NowUs());
  }
  if (listener_ != nullptr) listener_->OnMarked(request.ns);
  done(number);
}

void MemoryCacheStore::ReadMarks(std::string ns, Callback<Marks> done) {
  Marks marks;
  {
    absl::MutexLock lock(&mutex_);
    marks = marks_[ns].marks();
  }
  done(std::move(marks));
}

void MemoryCacheStore::ReadTags(std::string ns, std::vector<std::string> tags,
                                Callback<std::vector<TagMarks>> done) {
  std::vector<TagMarks> found;
  {
    absl::MutexLock lock(&mutex_);
    for (const std::string& tag : tags) {
      found.push_back(marks_[ns].TagMarksOf(tag));
    }
  }
  done(std::move(found));
}

void MemoryCacheStore::Append(std::string ns, JournalEntry entry,
                              Callback<std::string> done) {
  std::string id;
  {
    absl::MutexLock lock(&mutex_);
    if (journal_size_ < max_journal_) {
      id = journals_[ns].Append(std::move(entry));
      ++journal_size_;
    }
  }
  if (id.empty()) {
    return done(absl::ResourceExhaustedError("the journal is full"));
  }
  if (listener_ != nullptr) listener_->OnJournal(ns);
  done(std::move(id));
}

void MemoryCacheStore::Pull(PullRequest request,
                            Callback<std::vector<JournalEntry>> done) {
  std::vector<JournalEntry> pulled;
  {
    absl::MutexLock lock(&mutex_);
    pulled = journals_[request.ns].Pull(request, NowUs());
  }
  done(std::move(pulled));
}

void MemoryCacheStore::Acknowledge(std::string ns, std::vector<std::string> ids,
                                   Done done) {
  {
    absl::MutexLock lock(&mutex_);
    MemoryJournal& journal = journals_[ns];
    journal_size_ -= journal.size();
    journal.Acknowledge(ids);
    journal_size_ += journal.size();
  }
  done(absl::OkStatus());
}

void MemoryCacheStore::AddHotKeys(std::string ns, std::vector<HotKey> keys,
                                  Done done) {
  {
    absl::MutexLock lock(&mutex_);
    auto& hot = hot_[ns];
    for (auto& [key, reads] : hot) reads *= kFade;
    for (const HotKey& key : keys) hot[key.key] += key.reads;
    KeepHottest(hot);
  }
  done(absl::OkStatus());
}

void MemoryCacheStore::ReadHotKeys(std::string ns, int most,
                                   Callback<std::vector<HotKey>> done) {
  std::vector<HotKey> keys;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [key, reads] : hot_[ns]) keys.push_back({key, reads});
  }
  std::sort(keys.begin(), keys.end(),
            [](const HotKey& a, const HotKey& b) { return a.reads > b.reads; });
  if (keys.size() > static_cast<size_t>(most)) {
    keys.resize(static_cast<size_t>(most));
  }
  done(std::move(keys));
}

void MemoryCacheStore::Flush() {
  if (listener_ != nullptr) listener_->OnUnverified();
  {
    absl::MutexLock lock(&mutex_);
    values_.Clear();
    marks_.clear();
  }
  if (listener_ != nullptr) listener_->OnVerified(/*forgot=*/true);
}

}  // namespace outrigger::store
