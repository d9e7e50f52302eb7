#include "redis/net/client.h"

#include <event2/event.h>

#include <utility>

#include "redis/net/dispatcher.h"
#include "redis/tracking/tracking.h"

namespace outrigger::redis {

Client::Client(Options options, const Clock& clock, RandomSource& random,
               telemetry::Registry& registry, telemetry::Tracer& tracer)
    : options_(std::move(options)),
      clock_(clock),
      random_(random),
      log_("redis", clock),
      counters_(registry),
      metrics_(clock, registry, tracer) {
  observation_ = registry.Observe([this](telemetry::Observations& seen) {
    seen.Add(telemetry::kRedisInFlight, {}, static_cast<double>(in_flight()));
  });
}

Client::~Client() {
  loop_.Stop();
  if (thread_.joinable()) thread_.join();
}

void Client::Start(ClientHooks* hooks, TrackingPlan tracking) {
  reachable_.store(true);
  failing_.store(false);
  thread_ = std::thread(
      [this, hooks, plan = std::move(tracking)] { Run(hooks, plan); });
}

void Client::Send(std::unique_ptr<Command> command) {
  const int64_t others = metrics_.Begin(*command);
  if (failing_.load(std::memory_order_relaxed)) {
    counters_.disconnected.Add();
    command->Finish(absl::UnavailableError("Redis is out of reach"));
    return;
  }
  if (others >= options_.max_in_flight) {
    counters_.queue_full.Add();
    command->Finish(
        absl::UnavailableError("too many commands to Redis are in flight"));
    return;
  }
  if (posted_.Push(std::move(command))) loop_.Wake();
}

void Client::Run(ClientHooks* hooks, const TrackingPlan& plan) {
  const telemetry::Log held_back("redis", clock_, kOnceAMinute);
  {
    Resolver resolver(loop_.base());
    NodeContext context{options_, loop_,     resolver,  clock_, random_,
                        log_,     held_back, counters_, sent_};
    std::unique_ptr<Tracking> tracking;
    Dispatcher dispatcher(context, hooks, [this, &dispatcher, &tracking] {
      reachable_.store(dispatcher.topology().reachable());
      failing_.store(dispatcher.topology().failing());
      if (tracking != nullptr) tracking->Update();
    });
    if (plan.listener != nullptr) {
      tracking =
          std::make_unique<Tracking>(context, plan, dispatcher.topology());
    }
    const auto drain = [this, &dispatcher] {
      for (Command* command = posted_.TakeAll(); command != nullptr;) {
        Command* const next = command->next_posted;
        dispatcher.Dispatch(std::unique_ptr<Command>(command));
        command = next;
      }
    };
    dispatcher.Start();
    loop_.Run(drain);
    failing_.store(true);
    tracking.reset();
  }
  // Questions to name servers that were dropped end in the loop.
  event_base_loop(loop_.base(), EVLOOP_NONBLOCK);
}

}  // namespace outrigger::redis
