#include "redis/cache/cache_store.h"

#include <utility>

#include "absl/strings/match.h"
#include "cache/record.h"
#include "redis/cache/replies.h"
#include "redis/cache/scripts.h"
#include "telemetry/cache_metrics.h"

namespace outrigger::redis {
namespace {

constexpr char kNoRecord[] = "?";

}  // namespace

std::vector<std::unique_ptr<Command>> CacheStore::Hooks::OnLogin(
    const ServerInfo&, const std::function<bool(uint16_t)>&) {
  std::vector<std::unique_ptr<Command>> commands;
  for (const Script* script : AllCacheScripts()) {
    commands.push_back(MakeCommand({"SCRIPT", "LOAD", script->text()},
                                   Command::kAnySlot, nullptr));
  }
  return commands;
}

CacheStore::CacheStore(const Options& options, const Clock& clock,
                       RandomSource& random, telemetry::Registry& registry,
                       telemetry::Tracer& tracer)
    : bad_replies_(
          registry.GetCounter(telemetry::kRedisErrors, {{"kind", "reply"}})),
      refused_(registry.GetCounter(telemetry::kCacheRefused,
                                   {{"bound", "write_bytes"}})),
      calls_(options.prefix),
      store_clock_(clock),
      relay_(calls_.layout(), store_clock_),
      client_(options, clock, random, registry, tracer) {
  client_.Start(&hooks_, {&relay_, calls_.layout().TrackedPrefixes(),
                          /*server_time=*/true});
}

template <typename T, typename Parse>
void CacheStore::Ask(std::unique_ptr<Command> command, Callback<T> done,
                     Parse parse) {
  command->done = [this, parse = std::move(parse), done = std::move(done)](
                      absl::StatusOr<Reply> reply) mutable {
    if (!reply.ok()) return done(reply.status());
    absl::StatusOr<T> parsed = parse(*std::move(reply));
    if (!parsed.ok()) bad_replies_.Add();
    done(std::move(parsed));
  };
  client_.Send(std::move(command));
}

void CacheStore::Tell(std::unique_ptr<Command> command, Done done) {
  command->done =
      [done = std::move(done)](const absl::StatusOr<Reply>& reply) mutable {
        done(reply.status());
      };
  client_.Send(std::move(command));
}

// Counts the bytes while they are on their way.
template <typename T, typename Make, typename Parse>
void CacheStore::AskToKeep(size_t bytes, Callback<T> done, Make make,
                           Parse parse) {
  const auto size = static_cast<int64_t>(bytes);
  if (write_bytes_.fetch_add(size) + size > kMaxWriteBytes) {
    write_bytes_.fetch_sub(size);
    refused_.Add();
    return done(absl::ResourceExhaustedError(
        "too many bytes are on their way to Redis"));
  }
  Ask<T>(
      make(),
      [this, size, done = std::move(done)](absl::StatusOr<T> answer) mutable {
        write_bytes_.fetch_sub(size);
        done(std::move(answer));
      },
      std::move(parse));
}

void CacheStore::Listen(store::CacheListener* listener) {
  relay_.Listen(listener);
}

void CacheStore::ReadText(std::unique_ptr<Command> command,
                          Callback<std::string> done) {
  Ask<std::string>(
      std::move(command),
      [done = std::move(done)](absl::StatusOr<std::string> text) mutable {
        if (absl::StrContains(text.status().message(), "WRONGTYPE")) {
          return done(std::string(kNoRecord));
        }
        done(std::move(text));
      },
      ParseRecord);
}

void CacheStore::Read(store::CacheKey key, Callback<std::string> done) {
  ReadText(calls_.Read(key), std::move(done));
}

void CacheStore::ReadHeader(store::CacheKey key, Callback<std::string> done) {
  ReadText(calls_.ReadHeader(key), std::move(done));
}

void CacheStore::Acquire(store::AcquireRequest request,
                         Callback<store::AcquireReply> done) {
  Ask<store::AcquireReply>(calls_.Acquire(request), std::move(done),
                           [nonce = request.nonce](Reply reply) {
                             return ParseAcquire(std::move(reply), nonce);
                           });
}

void CacheStore::Write(store::WriteRequest request,
                       Callback<store::WriteReply> done) {
  if (request.record.size() < cache::kRecordHeaderBytes) {
    return done(absl::InvalidArgumentError("that is no record"));
  }
  AskToKeep<store::WriteReply>(
      request.record.size(), std::move(done),
      [&] { return calls_.Write(request); }, ParseWrite);
}

void CacheStore::Remove(store::RemoveRequest request, Callback<bool> done) {
  Ask<bool>(calls_.Remove(request), std::move(done), ParseBool);
}

void CacheStore::Abandon(store::CacheKey key, store::CacheToken token,
                         Done done) {
  Tell(calls_.Abandon(key, token), std::move(done));
}

void CacheStore::AddMarks(store::MarkRequest request, Callback<uint64_t> done) {
  Ask<uint64_t>(calls_.AddMarks(request), std::move(done), ParseMarkNumber);
}

void CacheStore::ReadMarks(std::string ns, Callback<store::Marks> done) {
  Ask<store::Marks>(calls_.ReadMarks(ns), std::move(done), ParseMarks);
}

void CacheStore::ReadTags(std::string ns, std::vector<std::string> tags,
                          Callback<std::vector<store::TagMarks>> done) {
  if (tags.empty()) return done(std::vector<store::TagMarks>());
  Ask<std::vector<store::TagMarks>>(calls_.ReadTags(ns, tags), std::move(done),
                                    [count = tags.size()](const Reply& reply) {
                                      return ParseTags(reply, count);
                                    });
}

void CacheStore::Append(std::string ns, store::JournalEntry entry,
                        Callback<std::string> done) {
  AskToKeep<std::string>(
      entry.value.size(), std::move(done),
      [&] { return calls_.Append(ns, entry); }, ParseId);
}

void CacheStore::Pull(store::PullRequest request,
                      Callback<std::vector<store::JournalEntry>> done) {
  Ask<std::vector<store::JournalEntry>>(calls_.Pull(request), std::move(done),
                                        ParseEntries);
}

void CacheStore::Acknowledge(std::string ns, std::vector<std::string> ids,
                             Done done) {
  if (ids.empty()) return done(absl::OkStatus());
  Tell(calls_.Acknowledge(ns, ids), std::move(done));
}

void CacheStore::AddHotKeys(std::string ns, std::vector<store::HotKey> keys,
                            Done done) {
  if (keys.empty()) return done(absl::OkStatus());
  Tell(calls_.AddHotKeys(ns, keys), std::move(done));
}

void CacheStore::ReadHotKeys(std::string ns, int most,
                             Callback<std::vector<store::HotKey>> done) {
  Ask<std::vector<store::HotKey>>(
      calls_.ReadHotKeys(ns, most), std::move(done),
      [most](Reply reply) { return ParseHotKeys(std::move(reply), most); });
}

}  // namespace outrigger::redis
