#include "rpc/pool/hold.h"

#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "rpc/pool/queries.h"
#include "rpc/pool/slots.h"
#include "rpc/wire/times.h"

namespace outrigger::rpc {
namespace {

using coord::Pools;
using coord::SlotAnswer;
using coord::SlotQuery;
using pool::v1::HoldRequest;
using pool::v1::HoldResponse;
using HoldCompletion = Completion<HoldResponse>;

// The stream's acquires that wait, by their ids. Thread-safe.
class Waits {
 public:
  // False: that id waits already.
  bool Add(uint64_t id) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return tickets_.try_emplace(id, 0).second;
  }
  void SetTicket(uint64_t id, Pools::Ticket ticket)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    const auto found = tickets_.find(id);
    if (found != tickets_.end()) found->second = ticket;
  }
  void Remove(uint64_t id) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    tickets_.erase(id);
  }
  // 0: it does not wait.
  Pools::Ticket Find(uint64_t id) const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    const auto found = tickets_.find(id);
    return found == tickets_.end() ? 0 : found->second;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<uint64_t, Pools::Ticket> tickets_ ABSL_GUARDED_BY(mutex_);
};

// The stream goes on.
void FinishWithError(const absl::Status& status, HoldCompletion completion) {
  pool::v1::HoldError& error = *completion.response().mutable_error();
  error.set_code(static_cast<int32_t>(status.code()));
  error.set_message(std::string(status.message()));
  completion.Finish();
}

void FinishWithAnswer(absl::string_view pool,
                      const absl::StatusOr<SlotAnswer>& answer,
                      HoldCompletion completion) {
  if (absl::IsCancelled(answer.status())) {  // the caller's wish
    completion.response().mutable_acquired()->set_reason(pool::v1::TIMEOUT);
    completion.Finish();
  } else if (!answer.ok()) {
    FinishWithError(answer.status(), std::move(completion));
  } else {
    DescribeSlot(pool, *answer, completion.span());
    Fill(*answer, completion.response().mutable_acquired());
    completion.Finish();
  }
}

class Hold final : public HoldStream {
 public:
  Hold(Pools& pools, const Clock& clock, Pools::Session session)
      : pools_(pools), clock_(clock), session_(session) {}
  ~Hold() override { pools_.CloseSession(session_); }

  void Handle(const HoldRequest& request, HoldCompletion completion) override {
    completion.response().set_id(request.id());
    switch (request.request_case()) {
      case HoldRequest::kAcquire:
        Acquire(request, std::move(completion));
        break;
      case HoldRequest::kRelease:
        Release(request.release(), std::move(completion));
        break;
      case HoldRequest::kCancel:
        Cancel(request.cancel());
        completion.LeaveUnanswered();
        completion.Finish();
        break;
      case HoldRequest::REQUEST_NOT_SET:
        FinishWithError(
            absl::InvalidArgumentError(
                "request: must be one of acquire, release and cancel"),
            std::move(completion));
        break;
    }
  }

 private:
  void Cancel(uint64_t id) {
    const Pools::Ticket ticket = waits_->Find(id);
    if (ticket != 0) pools_.Cancel(ticket);
  }

  void Acquire(const HoldRequest& request, HoldCompletion completion) {
    const SlotFields fields = FieldsOf(request.acquire());
    SlotQuery query;
    absl::Status status = MakeQuery(fields, &query);
    if (!status.ok()) {
      FinishWithError(status, std::move(completion));
      return;
    }
    query.session = session_;
    query.trace_id = TraceOf(completion.span().trace_id());
    SlotAnswer answer;
    if (!pools_.AcquireNow(query, &answer, &status)) {
      Park(query, request.id(), std::move(completion));
    } else if (status.ok()) {
      FinishWithAnswer(query.pool, answer, std::move(completion));
    } else {
      FinishWithError(status, std::move(completion));
    }
  }

  void Park(SlotQuery query, uint64_t id, HoldCompletion completion) {
    if (!waits_->Add(id)) {
      FinishWithError(
          absl::InvalidArgumentError("id: an acquire with this id waits"),
          std::move(completion));
      return;
    }
    query.patience = UsableTime(completion.deadline(), clock_);
    const Pools::Ticket ticket = pools_.AcquireLater(
        query, [waits = waits_, id, pool = std::string(query.pool),
                completion = std::move(completion)](
                   const absl::StatusOr<SlotAnswer>& answer) mutable {
          waits->Remove(id);
          FinishWithAnswer(pool, answer, std::move(completion));
        });
    waits_->SetTicket(id, ticket);
  }

  void Release(const pool::v1::ReleaseRequest& request,
               HoldCompletion completion) {
    pool::Outcome outcome = pool::Outcome::kIgnored;
    const absl::Status status = MakeRelease(FieldsOf(request), &outcome);
    if (!status.ok()) {
      FinishWithError(status, std::move(completion));
      return;
    }
    completion.response().mutable_released()->set_released(
        pools_.Release(request.lease_id(), outcome, session_));
    completion.Finish();
  }

  Pools& pools_;
  const Clock& clock_;
  const Pools::Session session_;
  const std::shared_ptr<Waits> waits_ = std::make_shared<Waits>();
};

}  // namespace

absl::StatusOr<std::unique_ptr<HoldStream>> OpenHold(
    Pools& pools, const Clock& clock,
    std::shared_ptr<StreamSender<HoldResponse>> sender) {
  const absl::StatusOr<Pools::Session> session =
      pools.OpenSession([sender = std::move(sender)](uint64_t lease_id) {
        HoldResponse response;
        response.set_lost_lease_id(lease_id);
        sender->Send(std::move(response));
      });
  if (!session.ok()) return session.status();
  return std::make_unique<Hold>(pools, clock, *session);
}

}  // namespace outrigger::rpc
