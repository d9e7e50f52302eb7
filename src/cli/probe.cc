#include "cli/probe.h"

#include <grpc/support/time.h>

#include "cli/client.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace outrigger::cli {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;

constexpr Duration kTimeout = std::chrono::seconds(1);
// The target is looked for anew after this.
constexpr Duration kPause = std::chrono::milliseconds(100);

Probed Check(const std::string& target) {
  Probed probed{.target = target};
  grpc::ClientContext context;
  SetTimeout(kTimeout, &context);
  probed.called = Health::NewStub(ChannelTo(target))
                      ->Check(&context, HealthCheckRequest(), &probed.response);
  return probed;
}

// Nobody is there, or does not answer: that may change.
bool MayComeUp(const grpc::Status& called) {
  return called.error_code() == grpc::StatusCode::UNAVAILABLE ||
         called.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
}

}  // namespace

Probed Probe(const std::function<std::string()>& find, Duration wait) {
  const SystemClock clock;
  const MonotonicTime give_up = clock.Now() + wait;
  Probed probed = Check(find());
  while (MayComeUp(probed.called) && clock.Now() < give_up) {
    probed.target = find();
    if (ChannelTo(probed.target)
            ->WaitForConnected(
                gpr_time_from_nanos(kPause.count(), GPR_TIMESPAN))) {
      probed = Check(probed.target);
    }
  }
  return probed;
}

}  // namespace outrigger::cli
