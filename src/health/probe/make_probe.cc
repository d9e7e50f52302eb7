#include "health/probe/grpc_probe.h"
#include "health/probe/probe.h"
#include "health/probe/stream_probe.h"
#include "health/talk/talk.h"
#include "health/target.h"

namespace outrigger::health {
namespace {

Talk TalkOf(const pool::HealthOptions& options, const std::string& address,
            const Target& target) {
  switch (options.check) {
    case pool::Check::kHttp:
      return HttpTalk(options.path,
                      target.unix_path.empty() ? address : "localhost");
    case pool::Check::kRedis:
      return RedisTalk();
    case pool::Check::kPostgres:
      return PostgresTalk(options.user, options.database);
    default:
      return Talk{};
  }
}

}  // namespace

std::unique_ptr<Probe> MakeProbe(const pool::HealthOptions& options,
                                 const std::string& address,
                                 const ProbeTools& tools) {
  if (options.check == pool::Check::kGrpc) {
    return std::make_unique<GrpcProbe>(address, options.service, tools.answers);
  }
  const Target target = ParseTarget(address);
  return std::make_unique<StreamProbe>(tools.loop, tools.resolver, target,
                                       TalkOf(options, address, target));
}

}  // namespace outrigger::health
