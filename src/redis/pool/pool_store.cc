#include "redis/pool/pool_store.h"

#include <utility>

#include "redis/net/command_metrics.h"
#include "redis/wire/slot.h"

namespace outrigger::redis {

PoolStore::PoolStore(const Options& options, const Clock& clock,
                     RandomSource& random, telemetry::Registry& registry,
                     telemetry::Tracer& tracer)
    : options_(options),
      bad_replies_(
          registry.GetCounter(telemetry::kRedisErrors, {{"kind", "reply"}})),
      layout_(options.prefix),
      epochs_(options_, clock, random, {&PoolExchangeScript()}),
      runner_(client_, epochs_),
      client_(options, clock, random, registry, tracer) {
  epochs_.SetSender([this](std::unique_ptr<Command> command) {
    client_.Send(std::move(command));
  });
}

void PoolStore::Listen(const std::string& pod, store::PoolListener* listener) {
  mailbox_ = std::make_unique<Mailbox>(layout_, pod);
  client_.Start(&epochs_, {mailbox_.get(), {layout_.TrackedPrefix(pod)}});
  mailbox_->Listen(listener);
}

int PoolStore::SlotOf(const std::string& pool) const {
  if (options_.mode != Mode::kCluster) return Command::kAnySlot;
  return KeySlot(layout_.Ledger(pool));
}

std::string PoolStore::BirthOf(const std::string& pool, const Epoch& epoch) {
  absl::MutexLock lock(&mutex_);
  const auto it = known_.find(pool);
  if (it == known_.end() || it->second.epoch != epoch.text) return "";
  return it->second.birth;
}

void PoolStore::Remember(const std::string& pool, Known known) {
  absl::MutexLock lock(&mutex_);
  known_[pool] = std::move(known);
}

void PoolStore::Exchange(store::PoolRequest request, Done done) {
  auto call = std::make_unique<ScriptCall>();
  call->script = &PoolExchangeScript();
  const int slot = SlotOf(request.pool);
  call->slot = slot;
  // Of the epoch under which the call was made last: the reply is of that one.
  auto epoch_text = std::make_shared<std::string>();
  const std::string pool = request.pool;
  const bool leave = request.leave;
  call->make_wire = [this, request = std::move(request), epoch_text,
                     slot](const Epoch& epoch) {
    *epoch_text = epoch.text;
    const std::string birth = BirthOf(request.pool, epoch);
    return ExchangeCall(request,
                        {options_.prefix, layout_, slot, epoch, birth});
  };
  call->done = [this, pool, leave, epoch_text,
                done = std::move(done)](absl::StatusOr<Reply> reply) mutable {
    if (!reply.ok()) return done(reply.status());
    absl::StatusOr<ExchangeAnswer> answer = ParseExchange(*reply);
    if (absl::IsInternal(answer.status())) bad_replies_.Add();
    if (!answer.ok()) return done(answer.status());
    // Who has left has nothing, so that its loss means nothing to it.
    if (leave) answer->birth.clear();
    Remember(pool, {*epoch_text, std::move(answer->birth)});
    done(std::move(answer->reply));
  };
  runner_.Run(std::move(call));
  epochs_.Refresh();
}

}  // namespace outrigger::redis
