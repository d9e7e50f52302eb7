#include "redis/epochs/script_runner.h"

#include <utility>

namespace outrigger::redis {
namespace {

// More changes of the epoch within one call are no accident.
constexpr int kMaxRepairs = 3;

}  // namespace

void ScriptRunner::Run(std::unique_ptr<ScriptCall> call) {
  std::shared_ptr<const Epoch> epoch = epochs_.Current(call->slot);
  if (epoch != nullptr) return Send(std::move(call), std::move(epoch));
  const int slot = call->slot;
  epochs_.Open(slot, [this, call = std::move(call)](
                         const absl::Status& opened) mutable {
    std::shared_ptr<const Epoch> agreed;
    if (opened.ok()) agreed = epochs_.Current(call->slot);
    if (agreed != nullptr) return Send(std::move(call), std::move(agreed));
    call->done(opened.ok() ? absl::UnavailableError("the store's epoch changes")
                           : opened);
  });
}

void ScriptRunner::Send(std::unique_ptr<ScriptCall> call,
                        std::shared_ptr<const Epoch> epoch) {
  const telemetry::ScopedSpan current(call->span);
  auto command = std::make_unique<Command>();
  command->wire = call->make_wire(*epoch);
  command->slot = call->slot;
  command->script = call->script;
  command->done = [this, call = std::move(call), epoch = std::move(epoch)](
                      absl::StatusOr<Reply> reply) mutable {
    OnReply(std::move(call), *epoch, std::move(reply));
  };
  client_.Send(std::move(command));
}

void ScriptRunner::OnReply(std::unique_ptr<ScriptCall> call, const Epoch& epoch,
                           absl::StatusOr<Reply> reply) {
  if (!reply.ok() || !reply->IsArray()) {
    Command::Done done = std::move(call->done);
    return done(std::move(reply));
  }
  epochs_.Distrust(call->slot, epoch);
  if (++call->repairs > kMaxRepairs) {
    return call->done(absl::UnavailableError("the store's epoch changes"));
  }
  Run(std::move(call));
}

}  // namespace outrigger::redis
