#include "redis/cache/calls.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "cache/record.h"
#include "redis/cache/scripts.h"
#include "redis/wire/slot.h"

namespace outrigger::redis {
namespace {

constexpr int kEvalShaWords = 3;  // EVALSHA, hash, number of keys
// Longer than any value is kept: 30 days fresh and 30 stale.
constexpr int64_t kMarksKeptMs = 62LL * 24 * 3600 * 1000;

std::unique_ptr<Command> Made(const std::string& key, WireBuilder wire,
                              const Script* script = nullptr) {
  auto command = std::make_unique<Command>();
  command->wire = std::move(wire).Take();
  command->slot = KeySlot(key);
  command->script = script;
  return command;
}

// Begins a call with `keys` keys and `arguments` arguments.
WireBuilder Begin(const Script& script, size_t keys, size_t arguments,
                  size_t bytes = 0) {
  WireBuilder wire(static_cast<int>(kEvalShaWords + keys + arguments),
                   /*reserve_bytes=*/320 + bytes);
  wire.Add("EVALSHA").Add(script.sha1()).Add(static_cast<int64_t>(keys));
  return wire;
}

std::string Nonce(const store::CacheToken& token) {
  return absl::StrCat(absl::Hex(token.nonce));
}

std::string Number(uint64_t version) { return absl::StrCat(version); }

// The number of cache_write.lua's condition.
int64_t NumberOf(store::WriteIf condition) {
  switch (condition) {
    case store::WriteIf::kAlways:
      return 0;
    case store::WriteIf::kVersion:
      return 1;
    case store::WriteIf::kAbsent:
      return 2;
    case store::WriteIf::kToken:
      return 3;
  }
  return 0;
}

}  // namespace

CacheCalls::Made CacheCalls::Read(const store::CacheKey& key) const {
  const std::string record = layout_.Record(key);
  WireBuilder wire(2);
  wire.Add("GET").Add(record);
  return redis::Made(record, std::move(wire));
}

CacheCalls::Made CacheCalls::ReadHeader(const store::CacheKey& key) const {
  const std::string record = layout_.Record(key);
  WireBuilder wire(4);
  wire.Add("GETRANGE").Add(record).Add("0");
  wire.Add(static_cast<int64_t>(cache::kRecordHeaderBytes) - 1);
  return redis::Made(record, std::move(wire));
}

CacheCalls::Made CacheCalls::Acquire(
    const store::AcquireRequest& request) const {
  const std::string record = layout_.Record(request.key);
  WireBuilder wire = Begin(CacheAcquireScript(), 2, 3, 2 * record.size());
  wire.Add(record).Add(layout_.Lease(request.key));
  wire.Add(request.lease_us).Add(Number(request.above_version));
  wire.Add(Nonce({0, request.nonce}));
  return redis::Made(record, std::move(wire), &CacheAcquireScript());
}

CacheCalls::Made CacheCalls::Write(const store::WriteRequest& request) const {
  const std::string record = layout_.Record(request.key);
  const bool token = request.condition == store::WriteIf::kToken;
  const absl::string_view bytes = request.record;
  WireBuilder wire =
      Begin(CacheWriteScript(), 2, 7, 2 * record.size() + bytes.size());
  wire.Add(record).Add(layout_.Lease(request.key));
  wire.Add(NumberOf(request.condition));
  wire.Add(Number(token ? request.token.version : request.version));
  wire.Add(Nonce(request.token));
  wire.Add(request.fresh_for_ms).Add(request.keep_for_ms);
  wire.Add(bytes.substr(0, cache::kRecordHead));
  wire.Add(bytes.substr(cache::kRecordHead + cache::kRecordStoreFields));
  return redis::Made(record, std::move(wire), &CacheWriteScript());
}

CacheCalls::Made CacheCalls::Remove(const store::RemoveRequest& request) const {
  const std::string record = layout_.Record(request.key);
  WireBuilder wire = Begin(CacheRemoveScript(), 2, 2, 2 * record.size());
  wire.Add(record).Add(layout_.Lease(request.key));
  wire.Add(request.soft ? "1" : "0").Add(Number(request.if_version));
  return redis::Made(record, std::move(wire), &CacheRemoveScript());
}

CacheCalls::Made CacheCalls::Abandon(const store::CacheKey& key,
                                     store::CacheToken token) const {
  const std::string record = layout_.Record(key);
  WireBuilder wire = Begin(CacheAbandonScript(), 2, 2, 2 * record.size());
  wire.Add(record).Add(layout_.Lease(key));
  wire.Add(Number(token.version)).Add(Nonce(token));
  return redis::Made(record, std::move(wire), &CacheAbandonScript());
}

CacheCalls::Made CacheCalls::AddMarks(const store::MarkRequest& request) const {
  const std::string marks = layout_.Marks(request.ns);
  const size_t tags = request.tags.size();
  WireBuilder wire = Begin(CacheMarkScript(), 2 + tags,
                           4 + tags + request.globs.size(), 160 * tags);
  wire.Add(marks).Add(layout_.Globs(request.ns));
  for (const std::string& tag : request.tags) {
    wire.Add(layout_.Tag(request.ns, tag));
  }
  wire.Add(request.soft ? "1" : "0");
  wire.Add(int64_t{store::kMaxRecentTags}).Add(int64_t{store::kMaxGlobs});
  wire.Add(kMarksKeptMs);
  for (const std::string& tag : request.tags) wire.Add(tag);
  for (const std::string& glob : request.globs) wire.Add(glob);
  return redis::Made(marks, std::move(wire), &CacheMarkScript());
}

CacheCalls::Made CacheCalls::ReadMarks(const std::string& ns) const {
  const std::string marks = layout_.Marks(ns);
  WireBuilder wire = Begin(CacheReadMarksScript(), 2, 0);
  wire.Add(marks).Add(layout_.Globs(ns));
  return redis::Made(marks, std::move(wire), &CacheReadMarksScript());
}

CacheCalls::Made CacheCalls::ReadTags(
    const std::string& ns, const std::vector<std::string>& tags) const {
  WireBuilder wire(static_cast<int>(1 + tags.size()));
  wire.Add("MGET");
  for (const std::string& tag : tags) wire.Add(layout_.Tag(ns, tag));
  return redis::Made(layout_.Marks(ns), std::move(wire));
}

}  // namespace outrigger::redis
