#include "rpc/cache/streams.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace outrigger::rpc {
namespace {

using cache::v1::PullWritesRequest;
using cache::v1::PullWritesResponse;
using cache::v1::WatchEvent;
using cache::v1::WatchRequest;
using coord::WatchedChange;
using Ticket = coord::Cache::Ticket;

constexpr uint32_t kUsualWrites = 100;
constexpr uint32_t kTooManyWrites = 1'000'000;

WatchEvent::Kind KindOf(WatchedChange::Kind kind) {
  switch (kind) {
    case WatchedChange::Kind::kWritten:
      return WatchEvent::WRITTEN;
    case WatchedChange::Kind::kInvalidated:
      return WatchEvent::INVALIDATED;
    case WatchedChange::Kind::kTagInvalidated:
      return WatchEvent::TAG_INVALIDATED;
    case WatchedChange::Kind::kResync:
      return WatchEvent::RESYNC;
  }
  return WatchEvent::KIND_UNSPECIFIED;
}

WatchEvent EventOf(const WatchedChange& change) {
  WatchEvent event;
  event.set_kind(KindOf(change.kind));
  event.set_key(change.key);
  event.set_version(change.version);
  event.set_tag(change.tag);
  return event;
}

coord::Cache::PullQuery MakePull(const PullWritesRequest& request) {
  // What is too much is refused by the cache; it counts in ints.
  const uint32_t most = std::min(request.max_writes(), kTooManyWrites);
  return {.ns = request.namespace_(),
          .consumer = request.consumer(),
          .ack = {request.ack().begin(), request.ack().end()},
          .most = static_cast<int>(most == 0 ? kUsualWrites : most),
          .wait = kLongestPull};
}

void Fill(const std::vector<store::JournalEntry>& entries,
          PullWritesResponse& response) {
  for (const store::JournalEntry& entry : entries) {
    PullWritesResponse::Write& write = *response.add_writes();
    write.set_id(entry.id);
    write.set_key(entry.key);
    write.set_value(entry.value);
    write.set_version(entry.version);
    write.set_absent(entry.absent);
  }
}

}  // namespace

WatchEvent ResyncEvent() {
  WatchEvent event;
  event.set_kind(WatchEvent::RESYNC);
  return event;
}

void HandleWatch(coord::Cache& cache, const WatchRequest& request,
                 std::shared_ptr<OutStream<WatchEvent>> stream) {
  const coord::WatchQuery query{
      .ns = request.namespace_(),
      .keys = {request.keys().begin(), request.keys().end()},
      .tags = {request.tags().begin(), request.tags().end()}};
  absl::StatusOr<Ticket> ticket = cache.Watch(
      query,
      [stream](const WatchedChange& change) { stream->Send(EventOf(change)); });
  if (!ticket.ok()) {
    stream->End(ticket.status());
    return;
  }
  stream->OnClosed([&cache, ticket = *ticket] { cache.Unwatch(ticket); });
}

void HandlePull(coord::Cache& cache, const PullWritesRequest& request,
                Completion<PullWritesResponse> completion) {
  // Set and read on the serving thread: see OnClientGone.
  auto ticket = std::make_shared<Ticket>(0);
  completion.OnClientGone([&cache, ticket] { cache.Cancel(*ticket); });
  *ticket =
      cache.Pull(MakePull(request),
                 [completion = std::move(completion)](
                     const absl::StatusOr<std::vector<store::JournalEntry>>&
                         entries) mutable {
                   if (entries.ok()) Fill(*entries, completion.response());
                   completion.Finish(entries.status());
                 });
}

}  // namespace outrigger::rpc
