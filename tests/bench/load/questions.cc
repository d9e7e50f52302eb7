#include "bench/load/questions.h"

#include <utility>

#include "outrigger/breaker/v1/breaker.pb.h"
#include "outrigger/pool/v1/pool.pb.h"

namespace outrigger::bench {
namespace {

void Tally(const ratelimit::v1::AllowResponse& answer, CallRecord* record) {
  ++(answer.allowed() ? record->allowed : record->denied);
  if (answer.degraded()) ++record->degraded;
}

template <typename Message>
bool Parse(absl::string_view bytes, Message* message) {
  return message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

Questions::Questions(const Options& options, Traffic traffic)
    : options_(options), traffic_(std::move(traffic)) {
  if (!options_.get.empty()) {
    usual_path_ = "/outrigger.cache.v1.Cache/Get";
  } else if (!options_.breaker.empty()) {
    usual_path_ = "/outrigger.breaker.v1.Breaker/Acquire";
    breaker::v1::AcquireRequest request;
    request.set_breaker(options_.breaker);
    constant_ = request.SerializeAsString();
  } else if (!options_.pool.empty()) {
    usual_path_ = "/outrigger.pool.v1.Pool/Acquire";
    other_path_ = "/outrigger.pool.v1.Pool/Release";
    pool::v1::AcquireRequest request;
    request.set_pool(options_.pool);
    constant_ = request.SerializeAsString();
  } else {
    usual_path_ = options_.batch == 1
                      ? "/outrigger.ratelimit.v1.RateLimiter/Allow"
                      : "/outrigger.ratelimit.v1.RateLimiter/AllowMany";
  }
}

bool Questions::Next(std::string* message) {
  if (!leases_.empty()) {
    pool::v1::ReleaseRequest request;
    request.set_lease_id(leases_.back());
    request.set_result(pool::v1::SUCCESS);
    leases_.pop_back();
    request.SerializeToString(message);
    return false;
  }
  if (!constant_.empty()) {
    *message = constant_;
  } else if (!options_.get.empty()) {
    get_.set_namespace_(options_.get);
    get_.set_key(traffic_.KeyName());
    get_.SerializeToString(message);
  } else if (options_.batch == 1) {
    traffic_.Fill(&one_);
    one_.SerializeToString(message);
  } else {
    while (many_.requests_size() < options_.batch) many_.add_requests();
    for (auto& question : *many_.mutable_requests()) traffic_.Fill(&question);
    many_.SerializeToString(message);
  }
  return true;
}

void Questions::Take(bool usual, absl::string_view answer, CallRecord* record) {
  if (!usual) {
    pool::v1::ReleaseResponse released;
    record->failed = !Parse(answer, &released);
    ++(released.released() ? record->allowed : record->denied);
  } else if (!options_.pool.empty()) {
    TakeSlot(answer, record);
  } else if (!options_.breaker.empty()) {
    breaker::v1::AcquireResponse permit;
    record->failed = !Parse(answer, &permit);
    ++(permit.allowed() ? record->allowed : record->denied);
    if (permit.degraded()) ++record->degraded;
  } else if (!options_.get.empty()) {
    cache::v1::GetResponse value;
    record->failed = !Parse(answer, &value);
    ++(value.status() == cache::v1::HIT ? record->allowed : record->denied);
    if (value.degraded()) ++record->degraded;
  } else {
    TakeDecisions(answer, record);
  }
}

void Questions::TakeDecisions(absl::string_view answer, CallRecord* record) {
  if (options_.batch == 1) {
    ratelimit::v1::AllowResponse decision;
    record->failed = !Parse(answer, &decision);
    Tally(decision, record);
    return;
  }
  ratelimit::v1::AllowManyResponse decisions;
  record->failed = !Parse(answer, &decisions);
  for (const auto& each : decisions.responses()) Tally(each, record);
}

void Questions::TakeSlot(absl::string_view answer, CallRecord* record) {
  pool::v1::AcquireResponse slot;
  record->failed = !Parse(answer, &slot);
  ++(slot.acquired() ? record->allowed : record->denied);
  if (slot.degraded()) ++record->degraded;
  if (slot.acquired()) leases_.push_back(slot.lease_id());
}

}  // namespace outrigger::bench
