// The calls on a namespace's journal and hot keys.
#include "absl/strings/str_cat.h"
#include "redis/cache/calls.h"
#include "redis/cache/scripts.h"
#include "redis/wire/slot.h"

namespace outrigger::redis {
namespace {

constexpr absl::string_view kGroup = "outrigger";
// Of one Pull, and one entry more; well below kMaxReplyBytes.
constexpr int64_t kMostPulledBytes = 8 << 20;
constexpr int64_t kMostHotKeys = 1000;
constexpr int64_t kHotKeysKeptMs = 5 * 60 * 1000;
constexpr int64_t kHalfLifeSeconds = 60;

std::unique_ptr<Command> Made(const std::string& key, WireBuilder wire,
                              const Script* script = nullptr) {
  auto command = std::make_unique<Command>();
  command->wire = std::move(wire).Take();
  command->slot = KeySlot(key);
  command->script = script;
  return command;
}

WireBuilder Begin(const Script& script, const std::string& key,
                  size_t arguments) {
  WireBuilder wire(static_cast<int>(4 + arguments),
                   /*reserve_bytes=*/256 + 64 * arguments);
  wire.Add("EVALSHA").Add(script.sha1()).Add("1").Add(key);
  return wire;
}

}  // namespace

CacheCalls::Made CacheCalls::Append(const std::string& ns,
                                    const store::JournalEntry& entry) const {
  const std::string journal = layout_.Journal(ns);
  WireBuilder wire(11, 256 + entry.key.size() + entry.value.size());
  wire.Add("XADD").Add(journal).Add("*");
  wire.Add(kJournalKey).Add(entry.key).Add(kJournalValue).Add(entry.value);
  wire.Add(kJournalVersion).Add(absl::StrCat(entry.version));
  wire.Add(kJournalAbsent).Add(entry.absent ? "1" : "0");
  return redis::Made(journal, std::move(wire));
}

CacheCalls::Made CacheCalls::Pull(const store::PullRequest& request) const {
  const std::string journal = layout_.Journal(request.ns);
  WireBuilder wire = Begin(CachePullScript(), journal, 6);
  wire.Add(kGroup).Add(request.consumer).Add(int64_t{request.most});
  wire.Add(request.take_over_after_ms).Add(request.again ? "1" : "0");
  wire.Add(kMostPulledBytes);
  return redis::Made(journal, std::move(wire), &CachePullScript());
}

CacheCalls::Made CacheCalls::Acknowledge(
    const std::string& ns, const std::vector<std::string>& ids) const {
  const std::string journal = layout_.Journal(ns);
  WireBuilder wire = Begin(CacheAcknowledgeScript(), journal, 1 + ids.size());
  wire.Add(kGroup);
  for (const std::string& id : ids) wire.Add(id);
  return redis::Made(journal, std::move(wire), &CacheAcknowledgeScript());
}

CacheCalls::Made CacheCalls::AddHotKeys(
    const std::string& ns, const std::vector<store::HotKey>& keys) const {
  const std::string hot = layout_.HotKeys(ns);
  WireBuilder wire = Begin(CacheHeatScript(), hot, 3 + 2 * keys.size());
  wire.Add(kMostHotKeys).Add(kHotKeysKeptMs).Add(kHalfLifeSeconds);
  for (const store::HotKey& key : keys) wire.Add(key.reads).Add(key.key);
  return redis::Made(hot, std::move(wire), &CacheHeatScript());
}

CacheCalls::Made CacheCalls::ReadHotKeys(const std::string& ns,
                                         int most) const {
  const std::string hot = layout_.HotKeys(ns);
  WireBuilder wire(5);
  // The last place, from 0: one more than was asked for.
  wire.Add("ZREVRANGE").Add(hot).Add("0").Add(int64_t{most});
  wire.Add("WITHSCORES");
  return redis::Made(hot, std::move(wire));
}

}  // namespace outrigger::redis
