#include <string>

#include "agent.h"
#include "outrigger/breaker/v1/breaker.pb.h"

namespace agent {
namespace {

namespace oc = outrigger::client;
namespace v1 = outrigger::breaker::v1;

oc::Result ResultOf(const std::string& name) {
  return name == "failure"   ? oc::Result::kFailure
         : name == "ignored" ? oc::Result::kIgnored
                             : oc::Result::kSuccess;
}

Value StateName(oc::BreakerState state) {
  return Text(v1::State_Name(static_cast<v1::State>(state)));
}

Agent::Answer Call(Agent& agent, const Arguments& arguments) {
  oc::Breaker breaker = agent.client()->breaker(arguments.Text("breaker"),
                                                arguments.Text("method"));
  absl::StatusOr<oc::Permit> permit = breaker.Acquire();
  Struct result;
  auto& fields = *result.mutable_fields();
  fields["allowed"] = Flag(permit.ok());
  if (permit.ok()) {
    fields["source"] = Text(oc::SourceName(permit->source()));
    agent.WaitFor(arguments.Text("hold"));
    permit->Report(ResultOf(arguments.Text("result")));
    return result;
  }
  const std::optional<oc::Denial> denial = oc::DenialOf(permit.status());
  if (!denial) return permit.status();
  fields["state"] = StateName(denial->state);
  fields["reason"] =
      Text(v1::Reason_Name(static_cast<v1::Reason>(denial->reason)));
  if (denial->retry_after > absl::ZeroDuration()) {
    fields["retry_after_ms"] = Milliseconds(denial->retry_after);
  }
  fields["source"] = Text(oc::SourceName(denial->source));
  return result;
}

Agent::Answer State(Agent& agent, const Arguments& arguments) {
  const oc::BreakerView view =
      agent.client()
          ->breaker(arguments.Text("breaker"), arguments.Text("method"))
          .view();
  Struct result;
  auto& fields = *result.mutable_fields();
  fields["known"] = Flag(view.known);
  fields["state"] = StateName(view.state);
  fields["admit_ratio"] = Number(view.admit_ratio);
  fields["generation"] = Text(std::to_string(view.generation));
  return result;
}

Agent::Answer Flush(Agent& agent, const Arguments&) {
  agent.client()->breaker("payments").Flush();
  return Struct();
}

}  // namespace

const Operations& BreakerOperations() {
  static const auto* const operations = new Operations{
      {"breaker_call", Call},
      {"breaker_state", State},
      {"breaker_flush", Flush},
  };
  return *operations;
}

}  // namespace agent
