#include "redis/breaker/breaker_store.h"

#include <string>
#include <utility>

#include "redis/breaker/scripts.h"
#include "redis/net/command_metrics.h"

namespace outrigger::redis {

std::vector<std::unique_ptr<Command>> BreakerStore::Hooks::OnLogin(
    const ServerInfo&, const std::function<bool(uint16_t)>&) {
  std::vector<std::unique_ptr<Command>> commands;
  for (const Script* script : AllBreakerScripts()) {
    commands.push_back(MakeCommand({"SCRIPT", "LOAD", script->text()},
                                   Command::kAnySlot, nullptr));
  }
  return commands;
}

BreakerStore::BreakerStore(const Options& options, const Clock& clock,
                           RandomSource& random, telemetry::Registry& registry,
                           telemetry::Tracer& tracer)
    : bad_replies_(
          registry.GetCounter(telemetry::kRedisErrors, {{"kind", "reply"}})),
      calls_(options.prefix),
      relay_(calls_.layout()),
      client_(options, clock, random, registry, tracer) {}

template <typename T, typename Parse>
void BreakerStore::Ask(std::unique_ptr<Command> command, Callback<T> done,
                       Parse parse) {
  command->done = [this, parse = std::move(parse), done = std::move(done)](
                      absl::StatusOr<Reply> reply) mutable {
    if (!reply.ok()) return done(reply.status());
    absl::StatusOr<T> parsed = parse(*std::move(reply));
    if (!parsed.ok()) bad_replies_.Add();
    done(std::move(parsed));
  };
  client_.Send(std::move(command));
}

void BreakerStore::Listen(store::BreakerListener* listener) {
  client_.Start(&hooks_, {&relay_, {calls_.layout().tracked_prefix()}});
  relay_.Listen(listener);  // which may ask at once
}

void BreakerStore::Read(store::BreakerKey key,
                        Callback<store::BreakerReply> done) {
  Ask<store::BreakerReply>(calls_.Read(key), std::move(done), ParseBreaker);
}

void BreakerStore::Report(store::BreakerReport report,
                          Callback<store::BreakerReply> done) {
  Ask<store::BreakerReply>(calls_.Report(report), std::move(done),
                           ParseBreaker);
}

void BreakerStore::Swap(store::BreakerSwap swap,
                        Callback<store::BreakerSwapReply> done) {
  if (swap.bytes.size() > store::kMaxBreakerRecordBytes) {
    return done(absl::InvalidArgumentError("the breaker's record is too long"));
  }
  std::unique_ptr<Command> command = calls_.Swap(swap);
  Ask<store::BreakerSwapReply>(
      std::move(command), std::move(done),
      [bytes = std::move(swap.bytes)](Reply reply) mutable {
        return ParseBreakerSwap(std::move(reply), std::move(bytes));
      });
}

}  // namespace outrigger::redis
