// One breaker, or one method of it, as a caller uses it.
#ifndef OUTRIGGER_CLIENT_BREAKER_BREAKER_USE_H_
#define OUTRIGGER_CLIENT_BREAKER_BREAKER_USE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "breaker/known_breaker.h"
#include "core/instant.h"
#include "outrigger/breaker.h"
#include "outrigger/breaker/v1/breaker.pb.h"

namespace outrigger::client::internal {

// Thread-safe.
class BreakerUse : public std::enable_shared_from_this<BreakerUse> {
 public:
  BreakerUse(std::shared_ptr<Session> session, const std::string& name,
             std::string method);

  absl::StatusOr<Permit> Acquire();
  void AcquireAsync(Breaker::Callback done);
  BreakerView view();
  void Flush();

  // See Permit::Report.
  void Report(const Permit& permit, Result result);

 private:
  // What the process can decide by itself. Unset: the sidecar must be asked.
  std::optional<absl::StatusOr<Permit>> DecideHere(Instant now);
  ToldState* State();
  breaker::v1::AcquireRequest Question() const;
  absl::StatusOr<Permit> Judge(const absl::Status& status,
                               const breaker::v1::AcquireResponse& response);
  absl::StatusOr<Permit> Fallback();
  Permit NewPermit(std::uint64_t generation, Instant now);

  const std::shared_ptr<Session> session_;
  const std::string method_;
  KnownBreaker* const breaker_;
  // The method's own, once it was told; the breaker's if there is no method.
  std::atomic<ToldState*> own_{nullptr};
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_BREAKER_BREAKER_USE_H_
