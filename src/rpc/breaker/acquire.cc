#include "rpc/breaker/acquire.h"

#include <atomic>
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

// A call that waits: whoever comes second, the probe or the news that the
// caller has gone, gives the probe back. Thread-safe but for `ticket`, which is
// set and read on the serving thread: see OnClientGone.
class Waiting {
 public:
  Waiting(coord::Breakers& breakers, const PermitQuery& query)
      : breakers_(breakers), breaker_(query.breaker), method_(query.method) {}

  const std::string& breaker() const { return breaker_; }

  void Got(uint64_t probe) {
    uint64_t nothing = 0;
    if (!probe_.compare_exchange_strong(nothing, probe)) GiveBack(probe);
  }

  void Gone() {
    const uint64_t probe = probe_.exchange(kGone);
    if (probe == 0) {
      breakers_.Cancel(ticket);
    } else {
      GiveBack(probe);
    }
  }

  Ticket ticket = 0;

 private:
  static constexpr uint64_t kGone = ~uint64_t{0};

  void GiveBack(uint64_t probe) {
    coord::CallOutcome outcome;
    outcome.breaker = breaker_;
    outcome.method = method_;
    outcome.permit = probe;
    outcome.result = coord::CallResult::kIgnored;
    (void)breakers_.Report({outcome});
  }

  coord::Breakers& breakers_;
  const std::string breaker_;
  const std::string method_;
  std::atomic<uint64_t> probe_{0};
};

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
  auto waiting = std::make_shared<Waiting>(breakers_, query);
  completion.OnClientGone([waiting] { waiting->Gone(); });
  waiting->ticket = breakers_.AcquireLater(
      query, [this, waiting, completion = std::move(completion)](
                 const absl::StatusOr<PermitAnswer>& answer) mutable {
        if (!answer.ok()) {
          completion.Finish(answer.status());
          return;
        }
        if (answer->probe) waiting->Got(answer->permit);
        FinishWithAnswer(waiting->breaker(), *answer, clock_,
                         std::move(completion));
      });
}

}  // namespace outrigger::rpc
