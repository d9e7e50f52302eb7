// Runs scripts under the current epoch.
#ifndef OUTRIGGER_REDIS_EPOCHS_SCRIPT_RUNNER_H_
#define OUTRIGGER_REDIS_EPOCHS_SCRIPT_RUNNER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "redis/epochs/epochs.h"
#include "redis/net/client.h"
#include "redis/wire/command.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::redis {

// One call of a script.
struct ScriptCall {
  const Script* script = nullptr;
  int slot = Command::kAnySlot;
  // Makes the EVALSHA, for the epoch given; again if the epoch turns out to be
  // another.
  absl::AnyInvocable<std::string(const Epoch&)> make_wire;
  // Gets what Client::Send answers; never an array, by which scripts tell of
  // another epoch.
  Command::Done done;
  int repairs = 0;
  // For whom it is made; each command of the call belongs to it.
  telemetry::SpanContext span = telemetry::CurrentSpan();
};

// Thread-safe. References must outlive it.
class ScriptRunner {
 public:
  ScriptRunner(Client& client, Epochs& epochs)
      : client_(client), epochs_(epochs) {}

  // A call is repeated only if the store has done nothing, because the epoch
  // was another: each try has the client's timeout.
  void Run(std::unique_ptr<ScriptCall> call);

 private:
  void Send(std::unique_ptr<ScriptCall> call,
            std::shared_ptr<const Epoch> epoch);
  void OnReply(std::unique_ptr<ScriptCall> call, const Epoch& epoch,
               absl::StatusOr<Reply> reply);

  Client& client_;
  Epochs& epochs_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_EPOCHS_SCRIPT_RUNNER_H_
