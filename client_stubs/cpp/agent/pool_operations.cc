#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "agent.h"
#include "outrigger/pool/v1/pool.pb.h"

namespace agent {
namespace {

namespace oc = outrigger::client;
namespace v1 = outrigger::pool::v1;

oc::AcquireOptions OptionsOf(const Arguments& arguments) {
  oc::AcquireOptions options{.session_key = arguments.Text("session_key")};
  if (const auto max_wait = arguments.Time("max_wait_ms")) {
    options.max_wait = *max_wait;
  }
  const std::string role = arguments.Text("role");
  options.role = role == "PRIMARY"   ? oc::Role::kPrimary
                 : role == "REPLICA" ? oc::Role::kReplica
                 : role == "SHARD"   ? oc::Role::kShard
                                     : oc::Role::kAny;
  return options;
}

Struct ToStruct(const oc::Refusal& refusal) {
  Struct result;
  auto& fields = *result.mutable_fields();
  fields["acquired"] = Flag(false);
  fields["reason"] =
      Text(v1::Reason_Name(static_cast<v1::Reason>(refusal.reason)));
  fields["advice"] =
      Text(v1::Advice_Name(static_cast<v1::Advice>(refusal.advice)));
  if (refusal.retry_after > absl::ZeroDuration()) {
    fields["retry_after_ms"] = Milliseconds(refusal.retry_after);
  }
  fields["source"] = Text(oc::SourceName(refusal.source));
  return result;
}

Agent::Answer Acquire(Agent& agent, const Arguments& arguments) {
  absl::StatusOr<oc::Lease> lease = agent.client()
                                        ->pool(arguments.Text("pool"))
                                        .Acquire(OptionsOf(arguments));
  if (!lease.ok()) {
    const std::optional<oc::Refusal> refusal = oc::RefusalOf(lease.status());
    if (!refusal) return lease.status();
    return ToStruct(*refusal);
  }
  Struct result;
  auto& fields = *result.mutable_fields();
  fields["acquired"] = Flag(true);
  fields["endpoint"] = Text(lease->endpoint());
  fields["fencing_token"] = Text(std::to_string(lease->fencing_token()));
  fields["overflow"] = Flag(lease->overflow());
  fields["source"] = Text(oc::SourceName(lease->source()));
  agent.Keep(arguments.Text("as"), *std::move(lease));
  return result;
}

Agent::Answer Release(Agent& agent, const Arguments& arguments) {
  const auto lease = agent.Find(arguments.Text("as"));
  const std::string result = arguments.Text("result");
  if (lease != nullptr) {
    lease->Release(result == "failure"   ? oc::Result::kFailure
                   : result == "ignored" ? oc::Result::kIgnored
                                         : oc::Result::kSuccess);
  }
  return Struct();
}

Agent::Answer LeaseState(Agent& agent, const Arguments& arguments) {
  const auto lease = agent.Find(arguments.Text("as"));
  Struct result;
  (*result.mutable_fields())["lost"] = Flag(lease == nullptr || lease->lost());
  return result;
}

Agent::Answer WithLease(Agent& agent, const Arguments& arguments) {
  Struct result;
  auto& fields = *result.mutable_fields();
  fields["threw"] = Flag(false);
  try {
    const absl::StatusOr<oc::Lease> lease =
        agent.client()->pool(arguments.Text("pool")).Acquire();
    fields["acquired"] = Flag(lease.ok());
    if (arguments.Flag("fail")) throw std::runtime_error("the body fails");
  } catch (const std::runtime_error&) {
    fields["threw"] = Flag(true);
  }
  return result;
}

Agent::Answer CycleLeases(Agent& agent, const Arguments& arguments) {
  constexpr int kAtATime = 32;
  const int count = static_cast<int>(arguments.Number("count", 1));
  oc::Pool pool = agent.client()->pool(arguments.Text("pool"));
  std::atomic<int> begun{0};
  std::atomic<int> acquired{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kAtATime; ++i) {
    threads.emplace_back([&] {
      while (begun.fetch_add(1) < count) {
        if (pool.Acquire({.max_wait = absl::Seconds(20)}).ok()) ++acquired;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // The last releases leave as soon as they can be written.
  const absl::Time patience = absl::Now() + absl::Seconds(10);
  while (pool.pending() != 0 && absl::Now() < patience) {
    std::this_thread::yield();
  }
  Struct result;
  (*result.mutable_fields())["acquired"] = Number(acquired);
  (*result.mutable_fields())["pending"] =
      Number(static_cast<double>(pool.pending()));
  return result;
}

}  // namespace

const Operations& PoolOperations() {
  static const auto* const operations = new Operations{
      {"acquire", Acquire},          {"release", Release},
      {"lease", LeaseState},         {"with_lease", WithLease},
      {"cycle_leases", CycleLeases},
  };
  return *operations;
}

}  // namespace agent
