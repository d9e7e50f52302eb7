#include "rpc/cache/streams.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rpc/cache/validate.h"
#include "rpc/core/batch.h"

namespace outrigger::rpc {
namespace {

using cache::v1::PullWritesRequest;
using cache::v1::PullWritesResponse;
using cache::v1::WatchEvent;
using cache::v1::WatchRequest;
using coord::WatchedChange;
using Ticket = coord::Cache::Ticket;

constexpr size_t kMaxConsumerBytes = 64;
constexpr uint32_t kUsualWrites = 100;

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

absl::Status MakeWatch(const WatchRequest& request, coord::WatchQuery* query) {
  absl::Status status = CheckNamespace(request.namespace_());
  if (status.ok()) status = CheckKeys(request.keys());
  if (status.ok()) status = CheckTags(request.tags(), kMaxBatch);
  query->ns = request.namespace_();
  query->keys.assign(request.keys().begin(), request.keys().end());
  query->tags.assign(request.tags().begin(), request.tags().end());
  return status;
}

absl::Status MakePull(const PullWritesRequest& request,
                      coord::Cache::PullQuery* query) {
  absl::Status status = CheckNamespace(request.namespace_());
  if (!status.ok()) return status;
  const size_t length = request.consumer().size();
  if (length < 1 || length > kMaxConsumerBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("consumer: has ", length, " bytes; 1 to ",
                     kMaxConsumerBytes, " are allowed"));
  }
  if (request.max_writes() > kMaxBatch) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_writes: ", request.max_writes(), "; at most ",
                     kMaxBatch, " are allowed"));
  }
  query->ns = request.namespace_();
  query->consumer = request.consumer();
  query->ack.assign(request.ack().begin(), request.ack().end());
  query->most = static_cast<int>(
      request.max_writes() == 0 ? kUsualWrites : request.max_writes());
  query->wait = kLongestPull;
  return absl::OkStatus();
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
  coord::WatchQuery query;
  absl::Status status = MakeWatch(request, &query);
  if (!status.ok()) {
    stream->End(std::move(status));
    return;
  }
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
  coord::Cache::PullQuery query;
  absl::Status status = MakePull(request, &query);
  if (!status.ok()) {
    completion.Finish(std::move(status));
    return;
  }
  // Set and read on the serving thread: see OnClientGone.
  auto ticket = std::make_shared<Ticket>(0);
  completion.OnClientGone([&cache, ticket] { cache.Cancel(*ticket); });
  *ticket = cache.Pull(
      query, [completion = std::move(completion)](
                 const absl::StatusOr<std::vector<store::JournalEntry>>&
                     entries) mutable {
        if (entries.ok()) Fill(*entries, completion.response());
        completion.Finish(entries.status());
      });
}

}  // namespace outrigger::rpc
