// A cache store's operations, waited for.
#ifndef OUTRIGGER_TESTS_SUPPORT_CACHE_CALLS_H_
#define OUTRIGGER_TESTS_SUPPORT_CACHE_CALLS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cache/record.h"
#include "store/cache_store.h"
#include "support/await.h"

namespace outrigger {

// A record of `value`, as it is given to a store.
inline std::string RecordOf(const std::string& value, bool absent = false) {
  cache::Record record;
  record.value = value;
  record.absent = absent;
  record.stale_for_ms = 60'000;
  return cache::EncodeRecord(record, /*compress_over=*/-1);
}

// Each method is the store's of the same name. Thread-safe as the store is.
class CacheCaller {
 public:
  explicit CacheCaller(store::CacheStore& store) : store_(store) {}

  template <typename T>
  using Or = absl::StatusOr<T>;

  Or<std::string> Read(const store::CacheKey& key) {
    return Await<Or<std::string>>(
        [&](auto done) { store_.Read(key, std::move(done)); });
  }
  Or<std::string> ReadHeader(const store::CacheKey& key) {
    return Await<Or<std::string>>(
        [&](auto done) { store_.ReadHeader(key, std::move(done)); });
  }
  Or<store::AcquireReply> Acquire(const store::CacheKey& key, uint64_t nonce,
                                  int64_t lease_us = 60'000'000,
                                  uint64_t above_version = 0) {
    const store::AcquireRequest request{key, lease_us, above_version, nonce};
    return Await<Or<store::AcquireReply>>(
        [&](auto done) { store_.Acquire(request, std::move(done)); });
  }
  Or<store::WriteReply> Write(store::WriteRequest request) {
    return Await<Or<store::WriteReply>>(
        [&](auto done) { store_.Write(std::move(request), std::move(done)); });
  }
  // Fresh for a minute and kept for two.
  Or<store::WriteReply> Write(const store::CacheKey& key,
                              const std::string& value) {
    return Write(RequestOf(key, value));
  }
  Or<store::WriteReply> Commit(const store::CacheKey& key,
                               const std::string& value,
                               store::CacheToken token) {
    store::WriteRequest request = RequestOf(key, value);
    request.condition = store::WriteIf::kToken;
    request.token = token;
    return Write(std::move(request));
  }
  Or<bool> Remove(const store::CacheKey& key, bool soft = false,
                  uint64_t if_version = 0) {
    const store::RemoveRequest request{key, soft, if_version};
    return Await<Or<bool>>(
        [&](auto done) { store_.Remove(request, std::move(done)); });
  }
  absl::Status Abandon(const store::CacheKey& key, store::CacheToken token) {
    return Await<absl::Status>(
        [&](auto done) { store_.Abandon(key, token, std::move(done)); });
  }
  Or<uint64_t> AddMarks(const std::string& ns, std::vector<std::string> tags,
                        std::vector<std::string> globs = {},
                        bool soft = false) {
    store::MarkRequest request{ns, std::move(tags), std::move(globs), soft};
    return Await<Or<uint64_t>>([&](auto done) {
      store_.AddMarks(std::move(request), std::move(done));
    });
  }
  Or<store::Marks> ReadMarks(const std::string& ns) {
    return Await<Or<store::Marks>>(
        [&](auto done) { store_.ReadMarks(ns, std::move(done)); });
  }
  Or<std::vector<store::TagMarks>> ReadTags(const std::string& ns,
                                            std::vector<std::string> tags) {
    return Await<Or<std::vector<store::TagMarks>>>([&](auto done) {
      store_.ReadTags(ns, std::move(tags), std::move(done));
    });
  }
  Or<std::string> Append(const std::string& ns, const std::string& key,
                         const std::string& value, uint64_t version = 1,
                         bool absent = false) {
    store::JournalEntry entry{"", key, value, version, absent};
    return Await<Or<std::string>>([&](auto done) {
      store_.Append(ns, std::move(entry), std::move(done));
    });
  }
  Or<std::vector<store::JournalEntry>> Pull(const std::string& ns,
                                            const std::string& consumer,
                                            int most = 100, bool again = false,
                                            int64_t take_over_ms = 60'000) {
    const store::PullRequest request{ns, consumer, most, take_over_ms, again};
    return Await<Or<std::vector<store::JournalEntry>>>(
        [&](auto done) { store_.Pull(request, std::move(done)); });
  }
  absl::Status Acknowledge(const std::string& ns,
                           std::vector<std::string> ids) {
    return Await<absl::Status>([&](auto done) {
      store_.Acknowledge(ns, std::move(ids), std::move(done));
    });
  }
  absl::Status AddHotKeys(const std::string& ns,
                          std::vector<store::HotKey> keys) {
    return Await<absl::Status>([&](auto done) {
      store_.AddHotKeys(ns, std::move(keys), std::move(done));
    });
  }
  Or<std::vector<store::HotKey>> ReadHotKeys(const std::string& ns, int most) {
    return Await<Or<std::vector<store::HotKey>>>(
        [&](auto done) { store_.ReadHotKeys(ns, most, std::move(done)); });
  }

  static store::WriteRequest RequestOf(const store::CacheKey& key,
                                       const std::string& value) {
    store::WriteRequest request;
    request.key = key;
    request.record = RecordOf(value);
    request.fresh_for_ms = 60'000;
    request.keep_for_ms = 120'000;
    return request;
  }

 private:
  store::CacheStore& store_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_CACHE_CALLS_H_
