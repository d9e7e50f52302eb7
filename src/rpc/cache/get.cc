#include "rpc/cache/get.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coord/gather.h"
#include "rpc/cache/get_wire.h"
#include "rpc/cache/queries.h"
#include "rpc/core/batch.h"

namespace outrigger::rpc {
namespace {

using coord::CacheStatus;
using coord::GetAnswer;
using coord::GetQuery;
using Ticket = coord::Cache::Ticket;

absl::string_view StatusName(CacheStatus status) {
  switch (status) {
    case CacheStatus::kHit:
      return "hit";
    case CacheStatus::kStale:
      return "stale";
    case CacheStatus::kAbsent:
      return "absent";
    case CacheStatus::kMiss:
      return "miss";
    case CacheStatus::kNotModified:
      return "not_modified";
  }
  return "";
}

bool IsOfNote(const GetAnswer& answer) {
  return answer.degraded || !answer.fill_token.empty();
}

// What a trace tells of an answer; those of note are traced in any case.
void Describe(absl::string_view ns, const GetAnswer& answer,
              telemetry::ActiveSpan& span) {
  if (IsOfNote(answer)) span.KeepNotable();
  if (!span.recording()) return;
  span.Set("outrigger.cache.namespace", std::string(ns));
  span.Set("outrigger.cache.status", StatusName(answer.status));
  span.Set("outrigger.cache.coherent", answer.coherent);
  span.Set("outrigger.cache.fill", !answer.fill_token.empty());
  span.Set("outrigger.degraded", answer.degraded);
  if (answer.waited > Duration::zero()) {
    span.Set("outrigger.cache.waited", ToSeconds(answer.waited));
  }
}

void FinishWithAnswer(absl::string_view ns, const GetAnswer& answer,
                      RawCompletion completion) {
  Describe(ns, answer, completion.span());
  completion.response() = GetResponseOf(answer);
  completion.Finish();
}

// One question of a batch, and its answer.
struct Asked {
  std::string ns;
  std::string key;
  absl::StatusOr<GetAnswer> answer = absl::UnknownError("not asked");
};

using Batch = std::vector<Asked>;
using GatherBatch = coord::Gather<Batch>;

void AskOne(coord::Cache& cache, size_t index, GetQuery& query,
            const std::shared_ptr<GatherBatch>& gather,
            std::vector<Ticket>& tickets) {
  gather->Expect();
  const auto put = [gather, index](absl::StatusOr<GetAnswer> result) {
    gather->Arrive([index, &result](Batch& batch) {
      batch[index].answer = std::move(result);
    });
  };
  GetAnswer answer;
  absl::Status error;
  const bool now = cache.GetNow(query, &answer, &error);
  if (!error.ok()) {
    put(std::move(error));
  } else if (now) {
    put(std::move(answer));
  } else {
    query.refresh = answer.refresh;
    tickets.push_back(cache.GetLater(query, put));
  }
}

absl::Status MakeQueries(const GetManyFields& requests,
                         std::vector<GetQuery>& queries) {
  absl::Status status = CheckBatchSize(requests.size());
  if (!status.ok()) return status;
  for (size_t i = 0; i < requests.size(); ++i) {
    GetFields fields;
    if (!ReadGetRequest(requests[i], &fields)) {
      return absl::InvalidArgumentError(
          absl::StrCat("requests[", i, "]: not a valid GetRequest"));
    }
    status = MakeGet(fields, &queries.emplace_back());
    if (!status.ok()) return InBatch(i, status);
    // It may get the right to load one key while it waits for another, whose
    // loader waits for the first.
    if (!queries.back().max_wait) queries.back().max_wait = Duration::zero();
  }
  return absl::OkStatus();
}

// OK if all were answered, and their values fit into one message.
absl::Status CheckAnswers(const Batch& asked) {
  size_t bytes = 0;
  for (size_t i = 0; i < asked.size(); ++i) {
    if (!asked[i].answer.ok()) return InBatch(i, asked[i].answer.status());
    bytes += ValueOf(*asked[i].answer).size();
  }
  if (bytes <= kMaxGetManyBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("requests: the values have ", bytes, " bytes; at most ",
                   kMaxGetManyBytes, " fit into one answer; ask for fewer"));
}

// Nobody learns of these tokens: others shall not wait for them.
void GiveUpTokens(coord::Cache& cache, const Batch& asked) {
  for (const Asked& one : asked) {
    if (!one.answer.ok() || one.answer->fill_token.empty()) continue;
    cache.Abandon(one.ns, one.key, one.answer->fill_token,
                  [](const absl::StatusOr<bool>&) {});
  }
}

void DescribeBatch(const Batch& asked, telemetry::ActiveSpan& span) {
  int64_t hits = 0, fills = 0;
  bool degraded = false, notable = false;
  for (const Asked& one : asked) {
    hits += one.answer->status == CacheStatus::kHit ? 1 : 0;
    fills += one.answer->fill_token.empty() ? 0 : 1;
    degraded |= one.answer->degraded;
    notable |= IsOfNote(*one.answer);
  }
  if (notable) span.KeepNotable();
  if (!span.recording()) return;
  span.Set("outrigger.cache.namespace", asked.front().ns);
  span.Set("outrigger.cache.requests", static_cast<int64_t>(asked.size()));
  span.Set("outrigger.cache.hits", hits);
  span.Set("outrigger.cache.fills", fills);
  span.Set("outrigger.degraded", degraded);
}

void FinishBatch(coord::Cache& cache, const Batch& batch,
                 RawCompletion completion) {
  absl::Status status = CheckAnswers(batch);
  if (!status.ok()) {
    GiveUpTokens(cache, batch);
    completion.Finish(std::move(status));
    return;
  }
  DescribeBatch(batch, completion.span());
  GetManyWriter writer;
  for (const Asked& one : batch) writer.Add(*one.answer);
  completion.response() = writer.Finish();
  completion.Finish();
}

}  // namespace

void GetHandlers::Get(const grpc::ByteBuffer& request,
                      RawCompletion completion) {
  grpc::Slice slice;
  GetFields fields;
  if (!ReadGetRequest(BytesOf(request, &slice), &fields)) {
    completion.Finish(NotAMessage("GetRequest"));
    return;
  }
  GetQuery query;
  absl::Status status = MakeGet(fields, &query);
  if (!status.ok()) {
    completion.Finish(std::move(status));
    return;
  }
  GetAnswer answer;
  const bool now = cache_.GetNow(query, &answer, &status);
  if (!status.ok()) {
    completion.Finish(std::move(status));
  } else if (now) {
    FinishWithAnswer(query.ns, answer, std::move(completion));
  } else {
    query.refresh = answer.refresh;
    Park(query, std::move(completion));
  }
}

void GetHandlers::Park(GetQuery query, RawCompletion completion) {
  BoundWait(completion.deadline(), clock_, &query);
  // Set and read on the serving thread: see OnClientGone.
  auto ticket = std::make_shared<Ticket>(0);
  completion.OnClientGone([this, ticket] { cache_.Cancel(*ticket); });
  *ticket = cache_.GetLater(
      query, [ns = std::string(query.ns), completion = std::move(completion)](
                 const absl::StatusOr<GetAnswer>& answer) mutable {
        if (answer.ok()) {
          FinishWithAnswer(ns, *answer, std::move(completion));
        } else {
          completion.Finish(answer.status());
        }
      });
}

void GetHandlers::GetMany(const grpc::ByteBuffer& request,
                          RawCompletion completion) {
  grpc::Slice slice;
  GetManyFields requests;
  if (!ReadGetMany(BytesOf(request, &slice), &requests)) {
    completion.Finish(NotAMessage("GetManyRequest"));
    return;
  }
  std::vector<GetQuery> queries;
  absl::Status status = MakeQueries(requests, queries);
  if (!status.ok()) {
    completion.Finish(std::move(status));
    return;
  }
  const MonotonicTime deadline = completion.deadline();
  // Filled and read on the serving thread: see OnClientGone.
  auto tickets = std::make_shared<std::vector<Ticket>>();
  completion.OnClientGone([this, tickets] {
    for (const Ticket ticket : *tickets) cache_.Cancel(ticket);
  });
  auto gather = std::make_shared<GatherBatch>(
      [this, completion = std::move(completion)](const Batch& batch) mutable {
        FinishBatch(cache_, batch, std::move(completion));
      });
  gather->Expect();
  gather->Arrive([&queries](Batch& batch) {
    for (const GetQuery& query : queries) {
      batch.push_back({std::string(query.ns), std::string(query.key)});
    }
  });
  for (size_t i = 0; i < queries.size(); ++i) {
    BoundWait(deadline, clock_, &queries[i]);
    AskOne(cache_, i, queries[i], gather, *tickets);
  }
  gather->Arrive();
}

}  // namespace outrigger::rpc
