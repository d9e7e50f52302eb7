// Knows since when the store remembers everything: the epoch.
//
// A store that lost writes (restart, failover, FLUSHALL, eviction) must not be
// believed: its buckets look full, and its pools free, while pods hold leases
// on them. So a key in the store names the epoch: when it last forgot, and a
// nonce. Every script is told the epoch that this pod knows, and does nothing
// if it is not the store's. Then the pod agrees anew on the epoch with the
// others (open_epoch.lua), and what is older than it gives nothing until all
// leases have lapsed.
//
//     <prefix>:1:epoch          the epoch
//     <prefix>:1:epoch:{tag}    in a cluster one per slot, in that slot
//
// A loss that the key itself does not show, because an old copy of it survived,
// shows by the server: another run id, or a replica that took over.
#ifndef OUTRIGGER_REDIS_EPOCHS_EPOCHS_H_
#define OUTRIGGER_REDIS_EPOCHS_EPOCHS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/random.h"
#include "redis/net/client_hooks.h"
#include "redis/net/node_context.h"
#include "redis/options.h"
#include "redis/wire/command.h"
#include "telemetry/log.h"

namespace outrigger::redis {

// The key's name. kAnySlot for `slot`: not a cluster.
std::string EpochKey(const std::string& prefix, int slot);
// Its file says what its keys, arguments and answer are.
const Script& OpenEpochScript();

// What scripts are told.
struct Epoch {
  std::string text;       // the key's value
  std::string forgot_us;  // when the store last forgot; "0": never
  // Counts the epochs this pod has seen, from 1; in a lease's generation it
  // tells whether the lease is from before a loss.
  uint16_t ordinal = 1;
};

// One epoch for a server, one for each used slot of a cluster. Thread-safe.
class Epochs final : public ClientHooks {
 public:
  using Opened = absl::AnyInvocable<void(absl::Status)>;
  // Sends a command; Client::Send.
  using Sender = std::function<void(std::unique_ptr<Command>)>;

  // `scripts` and its own are loaded on every new connection. References must
  // outlive it.
  Epochs(const Options& options, const Clock& clock, RandomSource& random,
         std::vector<const Script*> scripts);

  // Must be called before all below, once.
  void SetSender(Sender sender) { send_ = std::move(sender); }

  // Null: not known, or no longer to be trusted; then Open it. `slot` is
  // kAnySlot without a cluster.
  std::shared_ptr<const Epoch> Current(int slot) ABSL_LOCKS_EXCLUDED(mutex_);

  // The store does not agree with `epoch`, which Current gave.
  void Distrust(int slot, const Epoch& epoch) ABSL_LOCKS_EXCLUDED(mutex_);

  // Agrees with the store; `opened` runs once, with what Client::Send answers.
  void Open(int slot, Opened opened) ABSL_LOCKS_EXCLUDED(mutex_);

  // Keeps the keys from expiring; call about once a second.
  void Refresh() ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<std::unique_ptr<Command>> OnLogin(
      const ServerInfo& server,
      const std::function<bool(uint16_t)>& serves) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<std::unique_ptr<Command>> OnFailover(
      const std::vector<uint16_t>& slots) override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct State {
    std::shared_ptr<const Epoch> current;  // null: see Current
    std::string known;                     // the last text; empty: none yet
    uint16_t ordinal = 0;
    bool forget = false;  // the server lost memory
    bool opening = false;
    std::vector<Opened> waiting;
    MonotonicTime refreshed{};
  };

  // The command that agrees on the epoch of `slot`.
  std::unique_ptr<Command> MakeOpen(int slot, const State& state)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnOpened(int slot, bool forgot, absl::StatusOr<Reply> reply)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Accept(const std::string& text, State& state)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options& options_;
  const std::vector<const Script*> scripts_;
  const bool cluster_;
  const Clock& clock_;
  RandomSource& random_;
  const telemetry::Log log_;
  Sender send_;

  absl::Mutex mutex_;
  std::map<int, State> states_ ABSL_GUARDED_BY(mutex_);
  // The server's id; empty until the first login. By address in a cluster.
  std::map<std::string, std::string> run_ids_ ABSL_GUARDED_BY(mutex_);
  std::string run_id_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_EPOCHS_EPOCHS_H_
