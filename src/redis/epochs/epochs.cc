#include "redis/epochs/epochs.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "redis/script_texts.h"  // made by CMake from redis/scripts/*.lua
#include "redis/wire/slot.h"

namespace outrigger::redis {
namespace {

constexpr int64_t kKeptMs = 7LL * 24 * 3600 * 1000;
constexpr Duration kRefreshEvery = std::chrono::hours(1);

}  // namespace

std::string EpochKey(const std::string& prefix, int slot) {
  if (slot == Command::kAnySlot) return absl::StrCat(prefix, ":1:epoch");
  return absl::StrCat(prefix, ":1:epoch:{",
                      TagOfSlot(static_cast<uint16_t>(slot)), "}");
}

const Script& OpenEpochScript() {
  static const Script& script =
      *new Script("open_epoch", script_text::open_epoch);
  return script;
}

Epochs::Epochs(const Options& options, const Clock& clock, RandomSource& random,
               std::vector<const Script*> scripts)
    : options_(options),
      scripts_(std::move(scripts)),
      cluster_(options.mode == Mode::kCluster),
      clock_(clock),
      random_(random),
      log_("redis", clock, kOnceAMinute) {}

std::shared_ptr<const Epoch> Epochs::Current(int slot) {
  absl::MutexLock lock(&mutex_);
  const auto it = states_.find(slot);
  return it == states_.end() ? nullptr : it->second.current;
}

void Epochs::Distrust(int slot, const Epoch& epoch) {
  absl::MutexLock lock(&mutex_);
  State& state = states_[slot];
  if (state.current != nullptr && state.current->text == epoch.text) {
    state.current = nullptr;
  }
}

std::unique_ptr<Command> Epochs::MakeOpen(int slot, const State& state) {
  const bool forget = state.forget;
  WireBuilder wire(9);
  wire.Add("EVALSHA")
      .Add(OpenEpochScript().sha1())
      .Add("1")
      .Add(EpochKey(options_.prefix, slot))
      .Add(state.known)
      .Add(run_id_)
      .Add(absl::StrCat(absl::Hex(random_.Next(), absl::kZeroPad16)))
      .Add(forget ? "1" : "0")
      .Add(kKeptMs);
  auto command = std::make_unique<Command>();
  command->wire = std::move(wire).Take();
  command->slot = slot;
  command->script = &OpenEpochScript();
  command->done = [this, slot, forget](absl::StatusOr<Reply> reply) {
    OnOpened(slot, forget, std::move(reply));
  };
  return command;
}

void Epochs::Open(int slot, Opened opened) {
  std::unique_ptr<Command> command;
  {
    absl::MutexLock lock(&mutex_);
    State& state = states_[slot];
    state.waiting.push_back(std::move(opened));
    if (state.opening) return;
    state.opening = true;
    if (cluster_ || !run_id_.empty()) {
      command = MakeOpen(slot, state);
    } else {
      // Each login opens the epoch before anything else is sent (OnLogin), so
      // whatever is answered is answered after that.
      command = MakeCommand({"PING"}, slot, [this, slot](auto reply) {
        OnOpened(slot, false, std::move(reply));
      });
    }
  }
  send_(std::move(command));
}

void Epochs::Accept(const std::string& text, State& state) {
  if (state.known != text) {
    if (!state.known.empty()) {
      // A failover in a cluster concerns thousands of slots at once.
      log_.Error(
          "the store forgot: nothing is given until all leases have lapsed",
          {{"epoch", text}});
    }
    ++state.ordinal;
    state.known = text;
  }
  auto epoch = std::make_shared<Epoch>();
  epoch->text = text;
  epoch->forgot_us = text.substr(0, text.find(':'));
  epoch->ordinal = state.ordinal;
  state.current = std::move(epoch);
  state.refreshed = clock_.Now();
}

void Epochs::OnOpened(int slot, bool forgot, absl::StatusOr<Reply> reply) {
  std::vector<Opened> waiting;
  absl::Status status = reply.status();
  {
    absl::MutexLock lock(&mutex_);
    State& state = states_[slot];
    state.opening = false;
    uint64_t forgot_us = 0;
    if (status.ok() && reply->IsString()) {
      const std::string& text = reply->text;
      if (!absl::SimpleAtoi(text.substr(0, text.find(':')), &forgot_us)) {
        status = absl::InternalError("Redis holds an unreadable epoch");
      } else if (forgot || !state.forget) {
        state.forget = false;
        Accept(text, state);
      }
    }
    // Else a PING: the login has opened it, or could not.
    if (status.ok() && state.current == nullptr) {
      status = absl::UnavailableError("the store's epoch is not known");
    }
    waiting.swap(state.waiting);
  }
  for (Opened& opened : waiting) opened(status);
}

void Epochs::Refresh() {
  std::vector<std::unique_ptr<Command>> commands;
  {
    absl::MutexLock lock(&mutex_);
    const MonotonicTime now = clock_.Now();
    for (auto& [slot, state] : states_) {
      if (state.current == nullptr || now - state.refreshed < kRefreshEvery) {
        continue;
      }
      state.refreshed = now;
      commands.push_back(MakeOpen(slot, state));
    }
  }
  for (auto& command : commands) send_(std::move(command));
}

std::vector<std::unique_ptr<Command>> Epochs::OnLogin(
    const ServerInfo& server, const std::function<bool(uint16_t)>& serves) {
  std::vector<std::unique_ptr<Command>> commands;
  const auto load = [&commands](const Script& script) {
    commands.push_back(MakeCommand({"SCRIPT", "LOAD", script.text()},
                                   Command::kAnySlot, nullptr));
  };
  load(OpenEpochScript());
  for (const Script* script : scripts_) load(*script);
  absl::MutexLock lock(&mutex_);
  if (!cluster_) {
    run_id_ = server.run_id;
    State& state = states_[Command::kAnySlot];
    // Until the answer nothing is sent with what was known.
    state.current = nullptr;
    commands.push_back(MakeOpen(Command::kAnySlot, state));
    return commands;
  }
  std::string& run_id = run_ids_[ToString(server.address)];
  const bool restarted = !run_id.empty() && run_id != server.run_id;
  run_id = server.run_id;
  for (auto& [slot, state] : states_) {
    if (!serves(static_cast<uint16_t>(slot)) || state.known.empty()) continue;
    if (restarted) {
      state.forget = true;
      state.current = nullptr;
    }
    if (state.forget) commands.push_back(MakeOpen(slot, state));
  }
  return commands;
}

std::vector<std::unique_ptr<Command>> Epochs::OnFailover(
    const std::vector<uint16_t>& slots) {
  std::vector<std::unique_ptr<Command>> commands;
  absl::MutexLock lock(&mutex_);
  for (const uint16_t slot : slots) {
    const auto it = states_.find(slot);
    if (it == states_.end() || it->second.known.empty()) continue;
    it->second.forget = true;
    it->second.current = nullptr;
    commands.push_back(MakeOpen(slot, it->second));
  }
  return commands;
}

}  // namespace outrigger::redis
