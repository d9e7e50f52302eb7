#include "rpc/breaker/acquire.h"

#include <memory>
#include <string>
#include <utility>

#include "rpc/breaker/names.h"
#include "rpc/breaker/permit_wire.h"
#include "rpc/wire/times.h"

namespace outrigger::rpc {
namespace {

using coord::PermitAnswer;
using coord::PermitQuery;
using Ticket = coord::Breakers::Ticket;

absl::Status MakeQuery(const PermitFields& fields, PermitQuery* query) {
  query->breaker = fields.breaker;
  query->method = fields.method;
  query->session = fields.session;
  if (fields.timeout_seconds == 0 && fields.timeout_nanos == 0) {
    return absl::OkStatus();
  }
  return ReadUpToOneHour("timeout", fields.timeout_seconds,
                         fields.timeout_nanos, &query->timeout);
}

void AddDenial(const PermitAnswer& answer, WallTime now,
               telemetry::ActiveSpan& span) {
  span.AddEvent(
      "outrigger.breaker.denied", now,
      {{"outrigger.breaker.state", StateName(answer.state)},
       {"outrigger.breaker.reason", ReasonName(answer.reason)},
       {"outrigger.breaker.message", answer.message},
       {"outrigger.breaker.generation",
        static_cast<int64_t>(answer.generation)},
       {"outrigger.breaker.retry_after", ToSeconds(answer.retry_after)}});
}

// What a trace tells of an answer; those of note are traced in any case.
void Describe(absl::string_view breaker, const PermitAnswer& answer,
              const Clock& clock, telemetry::ActiveSpan& span) {
  if (!answer.allowed || answer.degraded || answer.probe) span.KeepNotable();
  if (!span.recording()) return;
  span.Set("outrigger.breaker.name", std::string(breaker));
  span.Set("outrigger.breaker.allowed", answer.allowed);
  span.Set("outrigger.breaker.state", StateName(answer.state));
  span.Set("outrigger.breaker.probe", answer.probe);
  span.Set("outrigger.breaker.isolated", answer.isolated);
  span.Set("outrigger.degraded", answer.degraded);
  if (!answer.allowed) AddDenial(answer, clock.WallNow(), span);
}

void FinishWithAnswer(absl::string_view breaker, const PermitAnswer& answer,
                      const Clock& clock, RawCompletion completion) {
  thread_local std::string bytes;  // keeps its capacity
  bytes.clear();
  Describe(breaker, answer, clock, completion.span());
  AppendPermitResponse(answer, &bytes);
  FinishWithBytes(bytes, std::move(completion));
}

}  // namespace

void PermitHandlers::Acquire(const grpc::ByteBuffer& request,
                             RawCompletion completion) {
  grpc::Slice slice;
  PermitFields fields;
  if (!ReadPermitRequest(BytesOf(request, &slice), &fields)) {
    completion.Finish(NotAMessage("AcquireRequest"));
    return;
  }
  PermitQuery query;
  absl::Status status = MakeQuery(fields, &query);
  if (!status.ok()) {
    completion.Finish(std::move(status));
    return;
  }
  PermitAnswer answer;
  if (!breakers_.AcquireNow(query, &answer, &status)) {
    Park(query, std::move(completion));
  } else if (status.ok()) {
    FinishWithAnswer(query.breaker, answer, clock_, std::move(completion));
  } else {
    completion.Finish(std::move(status));
  }
}

void PermitHandlers::Park(const PermitQuery& query, RawCompletion completion) {
  // Set and read on the serving thread: see OnClientGone.
  auto ticket = std::make_shared<Ticket>(0);
  completion.OnClientGone([this, ticket] { breakers_.Cancel(*ticket); });
  *ticket = breakers_.AcquireLater(
      query, [this, breaker = std::string(query.breaker),
              completion = std::move(completion)](
                 const absl::StatusOr<PermitAnswer>& answer) mutable {
        if (answer.ok()) {
          FinishWithAnswer(breaker, *answer, clock_, std::move(completion));
        } else {
          completion.Finish(answer.status());
        }
      });
}

}  // namespace outrigger::rpc
