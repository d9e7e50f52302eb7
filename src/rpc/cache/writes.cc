#include "rpc/cache/writes.h"

#include <memory>
#include <utility>
#include <vector>

#include "cache/options.h"
#include "coord/gather.h"
#include "rpc/cache/queries.h"
#include "rpc/core/batch.h"

namespace outrigger::rpc {
namespace {

using cache::v1::AbandonRequest;
using cache::v1::AbandonResponse;
using cache::v1::DeleteRequest;
using cache::v1::DeleteResponse;
using cache::v1::InvalidateRequest;
using cache::v1::InvalidateResponse;
using cache::v1::SetManyRequest;
using cache::v1::SetManyResponse;
using cache::v1::SetRequest;
using cache::v1::SetResponse;
using cache::v1::StatusResponse;
using cache::v1::WarmRequest;
using cache::v1::WarmResponse;
using coord::SetAnswer;
using coord::SetQuery;
using coord::SetReason;

cache::v1::Reason ReasonOf(SetReason reason) {
  switch (reason) {
    case SetReason::kNone:
      return cache::v1::REASON_UNSPECIFIED;
    case SetReason::kFillRevoked:
      return cache::v1::FILL_REVOKED;
    case SetReason::kVersionMismatch:
      return cache::v1::VERSION_MISMATCH;
    case SetReason::kAlreadyExists:
      return cache::v1::ALREADY_EXISTS;
    case SetReason::kStoreUnavailable:
      return cache::v1::STORE_UNAVAILABLE;
  }
  return cache::v1::REASON_UNSPECIFIED;
}

void Fill(const SetAnswer& answer, SetResponse& response) {
  response.set_stored(answer.stored);
  response.set_version(answer.version);
  response.set_reason(ReasonOf(answer.reason));
  response.set_degraded(answer.degraded);
}

// What a trace tells of a write; one that did not reach the store is traced in
// any case.
void Describe(absl::string_view ns, bool degraded,
              telemetry::ActiveSpan& span) {
  if (degraded) span.KeepNotable();
  if (!span.recording()) return;
  span.Set("outrigger.cache.namespace", std::string(ns));
  span.Set("outrigger.degraded", degraded);
}

void Describe(absl::string_view ns, const SetAnswer& answer,
              telemetry::ActiveSpan& span) {
  Describe(ns, answer.degraded || answer.reason == SetReason::kStoreUnavailable,
           span);
  span.Set("outrigger.cache.stored", answer.stored);
}

absl::Status MakeQueries(const coord::Cache& cache,
                         const SetManyRequest& request,
                         std::vector<SetQuery>& queries) {
  absl::Status status =
      CheckBatchSize(static_cast<size_t>(request.requests_size()));
  if (!status.ok()) return status;
  for (const SetRequest& one : request.requests()) {
    const size_t index = queries.size();
    status = MakeSet(one, &queries.emplace_back());
    if (status.ok()) status = cache.CheckSet(queries.back());
    if (!status.ok()) return InBatch(index, status);
  }
  return absl::OkStatus();
}

struct Batch {
  std::vector<SetAnswer> answers;
  absl::Status status;  // of the first that failed
};

}  // namespace

void WriteHandlers::Set(const SetRequest& request,
                        Completion<SetResponse> completion) {
  SetQuery query;
  absl::Status status = MakeSet(request, &query);
  if (!status.ok()) {
    completion.Finish(std::move(status));
    return;
  }
  cache_.Set(query, [&request, completion = std::move(completion)](
                        const absl::StatusOr<SetAnswer>& answer) mutable {
    if (answer.ok()) {
      Describe(request.namespace_(), *answer, completion.span());
      Fill(*answer, completion.response());
    }
    completion.Finish(answer.status());
  });
}

void WriteHandlers::SetMany(const SetManyRequest& request,
                            Completion<SetManyResponse> completion) {
  std::vector<SetQuery> queries;
  absl::Status status = MakeQueries(cache_, request, queries);
  if (!status.ok()) {
    completion.Finish(std::move(status));
    return;
  }
  auto gather = std::make_shared<coord::Gather<Batch>>(
      [&request,
       completion = std::move(completion)](const Batch& batch) mutable {
        bool degraded = false;
        for (const SetAnswer& answer : batch.answers) {
          degraded |= answer.degraded;
          Fill(answer, *completion.response().add_responses());
        }
        Describe(request.requests(0).namespace_(), degraded, completion.span());
        completion.Finish(batch.status);
      });
  gather->Expect();
  gather->Arrive(
      [&queries](Batch& batch) { batch.answers.resize(queries.size()); });
  for (size_t i = 0; i < queries.size(); ++i) {
    gather->Expect();
    cache_.Set(queries[i],
               [gather, i](const absl::StatusOr<SetAnswer>& answer) {
                 gather->Arrive([i, &answer](Batch& batch) {
                   if (answer.ok()) {
                     batch.answers[i] = *answer;
                   } else {
                     batch.status.Update(InBatch(i, answer.status()));
                   }
                 });
               });
  }
  gather->Arrive();
}

void WriteHandlers::Abandon(const AbandonRequest& request,
                            Completion<AbandonResponse> completion) {
  cache_.Abandon(request.namespace_(), request.key(), request.fill_token(),
                 [completion = std::move(completion)](
                     const absl::StatusOr<bool>& done) mutable {
                   completion.Finish(done.status());
                 });
}

void WriteHandlers::Delete(const DeleteRequest& request,
                           Completion<DeleteResponse> completion) {
  cache_.Delete(request.namespace_(), request.key(), request.if_version(),
                [&request, completion = std::move(completion)](
                    const absl::StatusOr<coord::DeleteAnswer>& answer) mutable {
                  if (answer.ok()) {
                    Describe(request.namespace_(), answer->degraded,
                             completion.span());
                    completion.response().set_deleted(answer->deleted);
                    completion.response().set_degraded(answer->degraded);
                  }
                  completion.Finish(answer.status());
                });
}

void WriteHandlers::Invalidate(const InvalidateRequest& request,
                               Completion<InvalidateResponse> completion) {
  cache_.Invalidate(
      MakeInvalidate(request),
      [&request, completion = std::move(completion)](
          const absl::StatusOr<coord::InvalidateAnswer>& answer) mutable {
        if (answer.ok()) {
          Describe(request.namespace_(), answer->degraded, completion.span());
          InvalidateResponse& response = completion.response();
          if (answer->invalidated.has_value()) {
            response.set_invalidated(*answer->invalidated);
          }
          response.set_degraded(answer->degraded);
        }
        completion.Finish(answer.status());
      });
}

void WriteHandlers::Warm(const WarmRequest& request,
                         Completion<WarmResponse> completion) {
  cache_.Warm(request.namespace_(),
              {request.keys().begin(), request.keys().end()},
              [completion = std::move(completion)](
                  const absl::StatusOr<uint64_t>& loaded) mutable {
                if (loaded.ok()) completion.response().set_loaded(*loaded);
                completion.Finish(loaded.status());
              });
}

void WriteHandlers::Status(Completion<StatusResponse> completion) {
  for (const coord::CacheSpaceStatus& from : cache_.GetStatus()) {
    StatusResponse::Namespace& to = *completion.response().add_namespaces();
    to.set_name(from.name);
    to.set_policy(std::string(cache::PolicyName(from.policy)));
    to.set_entries(from.entries);
    to.set_bytes(from.bytes);
    to.set_max_bytes(static_cast<uint64_t>(from.max_bytes));
    to.set_hits(from.hits);
    to.set_stale(from.stale);
    to.set_absent(from.absent);
    to.set_misses(from.misses);
    to.set_fills(from.fills);
  }
  completion.Finish();
}

}  // namespace outrigger::rpc
