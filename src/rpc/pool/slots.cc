#include "rpc/pool/slots.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "rpc/pool/queries.h"
#include "rpc/pool/slot_wire.h"
#include "rpc/wire/times.h"

namespace outrigger::rpc {
namespace {

using coord::SlotAnswer;
using coord::SlotQuery;

void FinishWithAnswer(absl::string_view pool, const SlotAnswer& answer,
                      RawCompletion completion) {
  thread_local std::string bytes;  // keeps its capacity
  bytes.clear();
  DescribeSlot(pool, answer, completion.span());
  AppendSlotResponse(answer, &bytes);
  FinishWithBytes(bytes, std::move(completion));
}

// A call that waits: whoever comes second, the lease or the news that the
// caller has gone, frees the lease. Thread-safe but for `ticket`, which is set
// and read on the serving thread: see OnClientGone.
class Waiting {
 public:
  explicit Waiting(coord::Pools& pools) : pools_(pools) {}

  void Got(uint64_t lease_id) {
    uint64_t nothing = 0;
    if (!lease_.compare_exchange_strong(nothing, lease_id)) Free(lease_id);
  }

  void Gone() {
    const uint64_t lease_id = lease_.exchange(kGone);
    if (lease_id == 0) {
      pools_.Cancel(ticket);
    } else {
      Free(lease_id);
    }
  }

  coord::Pools::Ticket ticket = 0;

 private:
  static constexpr uint64_t kGone = ~uint64_t{0};

  void Free(uint64_t lease_id) {
    pools_.Release(lease_id, pool::Outcome::kIgnored);
  }

  coord::Pools& pools_;
  std::atomic<uint64_t> lease_{0};
};

}  // namespace

void DescribeSlot(absl::string_view pool, const SlotAnswer& answer,
                  telemetry::ActiveSpan& span) {
  if (!answer.acquired || answer.degraded) span.KeepNotable();
  if (!span.recording()) return;
  span.Set("outrigger.pool.name", std::string(pool));
  span.Set("outrigger.pool.acquired", answer.acquired);
  if (answer.acquired) {
    span.Set("outrigger.pool.lease_id", static_cast<int64_t>(answer.lease_id));
    span.Set("outrigger.pool.overflow", answer.overflow);
  } else {
    span.Set("outrigger.pool.reason", ReasonName(answer.reason));
  }
  if (answer.endpoint != nullptr) {
    span.Set("outrigger.pool.endpoint", answer.endpoint->address);
  }
  if (answer.waited > Duration::zero()) {
    span.Set("outrigger.pool.waited", ToSeconds(answer.waited));
  }
  span.Set("outrigger.degraded", answer.degraded);
}

void SlotHandlers::Acquire(const grpc::ByteBuffer& request,
                           RawCompletion completion) {
  grpc::Slice slice;
  SlotFields fields;
  if (!ReadSlotRequest(BytesOf(request, &slice), &fields)) {
    completion.Finish(NotAMessage("AcquireRequest"));
    return;
  }
  SlotQuery query;
  absl::Status status = MakeQuery(fields, &query);
  if (!status.ok()) {
    completion.Finish(std::move(status));
    return;
  }
  query.trace_id = TraceOf(completion.span().trace_id());
  SlotAnswer answer;
  if (!pools_.AcquireNow(query, &answer, &status)) {
    Park(query, std::move(completion));
    return;
  }
  if (!status.ok()) {
    completion.Finish(std::move(status));
    return;
  }
  if (answer.acquired) {
    completion.OnClientGone([this, lease_id = answer.lease_id] {
      pools_.Release(lease_id, pool::Outcome::kIgnored);
    });
  }
  FinishWithAnswer(query.pool, answer, std::move(completion));
}

void SlotHandlers::Park(SlotQuery query, RawCompletion completion) {
  query.patience = UsableTime(completion.deadline(), clock_);
  auto waiting = std::make_shared<Waiting>(pools_);
  completion.OnClientGone([waiting] { waiting->Gone(); });
  waiting->ticket = pools_.AcquireLater(
      query, [waiting, pool = std::string(query.pool),
              completion = std::move(completion)](
                 const absl::StatusOr<SlotAnswer>& answer) mutable {
        if (!answer.ok()) {
          completion.Finish(answer.status());
          return;
        }
        if (answer->acquired) waiting->Got(answer->lease_id);
        FinishWithAnswer(pool, *answer, std::move(completion));
      });
}

void SlotHandlers::Release(const grpc::ByteBuffer& request,
                           RawCompletion completion) {
  grpc::Slice slice;
  ReleaseFields fields;
  if (!ReadReleaseRequest(BytesOf(request, &slice), &fields)) {
    completion.Finish(NotAMessage("ReleaseRequest"));
    return;
  }
  pool::Outcome outcome = pool::Outcome::kIgnored;
  absl::Status status = MakeRelease(fields, &outcome);
  if (!status.ok()) {
    completion.Finish(std::move(status));
    return;
  }
  thread_local std::string bytes;  // keeps its capacity
  bytes.clear();
  AppendReleaseResponse(pools_.Release(fields.lease_id, outcome), &bytes);
  FinishWithBytes(bytes, std::move(completion));
}

}  // namespace outrigger::rpc
