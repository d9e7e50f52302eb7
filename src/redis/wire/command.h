// One question to Redis and what becomes of it.
#ifndef OUTRIGGER_REDIS_WIRE_COMMAND_H_
#define OUTRIGGER_REDIS_WIRE_COMMAND_H_

#include <atomic>
#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "redis/wire/reply.h"
#include "telemetry/trace/span_context.h"

namespace outrigger::redis {

class DeadlineList;
class Node;

// A Lua script, sent by its hash, and by its text where Redis does not know it.
class Script {
 public:
  // `name`: for traces and metrics; a constant.
  Script(absl::string_view name, std::string text);

  absl::string_view name() const { return name_; }
  const std::string& text() const { return text_; }
  // 40 hex digits.
  const std::string& sha1() const { return sha1_; }

 private:
  const absl::string_view name_;
  const std::string text_;
  const std::string sha1_;
};

// The wire form of a command (an array of bulk strings), built front to back.
class WireBuilder {
 public:
  // Starts a command of `arguments` words, its name included.
  explicit WireBuilder(int arguments, size_t reserve_bytes = 256);
  WireBuilder& Add(absl::string_view argument);
  WireBuilder& Add(int64_t argument);
  // Shortest text that reads back as the same double.
  WireBuilder& Add(double argument);
  // REQUIRES: as many words were added as announced.
  std::string Take() && {
    assert(missing_ == 0);
    return std::move(wire_);
  }

 private:
  std::string wire_;
  int missing_;  // words announced and not added yet
};

// The name of the command in wire form `wire`, e.g. "EVALSHA".
absl::string_view NameOf(absl::string_view wire);

// The wire form of a whole command.
std::string WireOf(std::initializer_list<absl::string_view> words);

struct Command;

// Hears that commands have ended. Thread-safe.
class CommandObserver {
 public:
  virtual ~CommandObserver() = default;
  virtual void Finished(const Command& command,
                        const absl::StatusOr<Reply>& result) = 0;
};

// A command on its way. Made by the one who asks, then owned by the Client.
struct Command {
  // Runs exactly once, on the client's thread, or inline in Client::Send if it
  // is refused there. An error reply of Redis' arrives as a status; a Reply is
  // never of type kError. It must not block.
  using Done = absl::AnyInvocable<void(absl::StatusOr<Reply>)>;

  std::string wire;
  // Where it must go in a cluster; kAnySlot: to any node.
  int slot = kAnySlot;
  // Set: `wire` is an EVALSHA of this script, which outlives the command.
  const Script* script = nullptr;
  Done done;

  static constexpr int kAnySlot = -1;

  Command() = default;
  ~Command();
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  // The rest belongs to the client.

  // Answers the asker, once; later calls do nothing.
  void Finish(absl::StatusOr<Reply> result);
  bool finished() const { return finished_; }

  // When it was posted, and for which span (invalid: not traced).
  MonotonicTime posted{};
  telemetry::SpanContext span;
  MonotonicTime deadline{};
  // Hears of its end; may be null.
  CommandObserver* observer = nullptr;
  // The node that has it; null while it waits between two tries.
  Node* node = nullptr;
  // Preceded by ASKING: sent to a node that does not own the slot yet.
  bool asking = false;
  // Sent by its text already.
  bool expanded = false;
  // The connection's Connection::large_moved() when its time began.
  uint64_t large_moved = 0;
  // Times that it was sent on elsewhere or later.
  uint8_t tries = 0;
  // The next in the queue of posted commands.
  Command* next_posted = nullptr;

 private:
  friend class DeadlineList;

  bool finished_ = false;
  DeadlineList* deadlines_ = nullptr;  // the list that it is in
  Command* earlier_ = nullptr;
  Command* later_ = nullptr;
};

// Commands in the order of their deadlines. All have the same timeout, so a
// list does what a heap would. A command leaves it when it is finished.
class DeadlineList {
 public:
  // REQUIRES: no command in the list has a later deadline.
  void Add(Command& command);
  void Remove(Command& command);
  // Null: empty.
  Command* first() const { return first_; }

 private:
  Command* first_ = nullptr;
  Command* last_ = nullptr;
};

// A plain command.
std::unique_ptr<Command> MakeCommand(
    std::initializer_list<absl::string_view> words, int slot,
    Command::Done done);

// The same question as EVAL with the script's text. REQUIRES: command.script.
void ExpandScript(Command& command);

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_WIRE_COMMAND_H_
