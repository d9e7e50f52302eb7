#include "redis/net/node.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outrigger::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kFirstWait = milliseconds(20);
constexpr Duration kLongestWait = seconds(1);
// Where only an operator can help.
constexpr Duration kOperatorWait = seconds(2);
constexpr Duration kProbeEvery = milliseconds(50);
constexpr uint32_t kMaxUnansweredProbes = 4;
// A connection that lasted less was no success.
constexpr Duration kGoodConnection = seconds(1);

Duration Jittered(RandomSource& random, Duration most) {
  return std::chrono::duration_cast<Duration>(most * random.NextDouble());
}

}  // namespace

Node::Node(NodeContext& context, NodeOwner& owner, Address address)
    : context_(context),
      owner_(owner),
      address_(std::move(address)),
      attempt_timer_(context.loop, [this] { OnAttemptTimeout(); }),
      retry_timer_(context.loop, [this] { Attempt(); }),
      probe_timer_(context.loop, [this] { Probe(); }) {}

Node::~Node() {
  const absl::Status why = absl::UnavailableError("the Redis client stops");
  if (connection_ != nullptr) {
    Leftovers left = connection_->Close();
    for (auto& command : left.sent) command->Finish(why);
    for (auto& command : left.unsent) command->Finish(why);
    context_.loop.Discard(std::move(connection_));
  }
  for (auto& command : held_) command->Finish(why);
}

void Node::Start() {
  if (started_) return;
  started_ = true;
  Attempt();
}

bool Node::idle() const {
  return held_.empty() &&
         (connection_ == nullptr || connection_->in_pipeline() == 0);
}

void Node::SetState(State state) {
  if (state_ == state) return;
  state_ = state;
  owner_.OnStateChange(*this);
}

void Node::Send(std::unique_ptr<Command> command) {
  command->node = this;
  switch (state_) {
    case State::kReady:
      context_.counters.commands.Add();
      context_.sent.fetch_add(1, std::memory_order_relaxed);
      command->large_moved = connection_->large_moved();
      connection_->Send(std::move(command));
      return;
    case State::kConnecting:
      Start();
      held_.push_back(std::move(command));
      return;
    case State::kSuspect:
    case State::kDown:
      context_.counters.disconnected.Add();
      command->Finish(absl::UnavailableError("Redis is out of reach"));
      return;
  }
}

bool Node::Ask(absl::string_view wire, Connection::Answer answer) {
  if (!ready()) return false;
  connection_->Ask(wire, std::move(answer));
  return true;
}

void Node::Attempt() {
  ++attempts_;
  retry_timer_.Stop();
  attempt_timer_.Set(context_.options.connect_timeout);
  const uint32_t attempt = attempts_;
  owner_.Locate(*this, [this, attempt](absl::StatusOr<Address> address) {
    if (attempt == attempts_) OnLocated(std::move(address));
  });
}

void Node::OnLocated(absl::StatusOr<Address> address) {
  if (!address.ok()) return AttemptFailed(address.status());
  address_ = *std::move(address);
  connection_ = std::make_unique<Connection>(
      context_.loop, context_.resolver, static_cast<ConnectionOwner&>(*this));
  connection_->Connect(address_, context_.options.tls, failures_);
}

void Node::OnConnected() {
  LogIn(*connection_, PlanFor(context_.options),
        [this](absl::StatusOr<ServerInfo> server) {
          OnLoggedIn(std::move(server));
        });
}

void Node::OnLoggedIn(absl::StatusOr<ServerInfo> server) {
  if (!server.ok()) return AttemptFailed(server.status());
  server->address = address_;
  run_id_ = server->run_id;
  ++logins_;
  for (auto& command : owner_.OnLogin(*this, *server)) {
    command->node = this;
    connection_->Send(std::move(command));
  }
  connection_->Ask(WireOf({"PING"}), [this](const Reply& reply) {
    if (reply.IsError()) {
      AttemptFailed(absl::UnavailableError(reply.text));
    } else {
      BecomeReady();
    }
  });
}

void Node::OnAttemptTimeout() {
  AttemptFailed(absl::DeadlineExceededError("no connection in time"));
}

void Node::AttemptFailed(const absl::Status& why) {
  ++attempts_;  // a late answer to Locate is not wanted
  attempt_timer_.Stop();
  context_.held_back.Error(
      why.code() == absl::StatusCode::kPermissionDenied
          ? "Redis refuses our login: check user, password and ACL rules"
          : "cannot connect to Redis; trying on",
      {{"address", ToString(address_)}, {"why", std::string(why.message())}});
  const Duration wait = RetryWait(why);
  ++failures_;
  BecomeDown();
  Drop();
  retry_timer_.Set(wait);
}

Duration Node::RetryWait(const absl::Status& why) {
  switch (why.code()) {
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kResourceExhausted:
      return kOperatorWait / 2 + Jittered(context_.random, kOperatorWait / 2);
    case absl::StatusCode::kDeadlineExceeded:
      return Jittered(context_.random, kFirstWait);  // it has waited already
    default:
      const Duration most = std::min<Duration>(
          kLongestWait, kFirstWait * (1LL << std::min(failures_, 10u)));
      return Jittered(context_.random, most);
  }
}

void Node::BecomeReady() {
  attempt_timer_.Stop();
  probe_timer_.Stop();
  if (state_ != State::kSuspect) {
    ready_since_ = context_.clock.Now();
    if (was_ready_) context_.counters.reconnects.Add();
    context_.log.Info("connected to Redis", {{"address", ToString(address_)}});
  }
  was_ready_ = true;
  failures_ = 0;
  SetState(State::kReady);
  for (auto& command : std::exchange(held_, {})) {
    if (!command->finished()) Send(std::move(command));
  }
}

void Node::BecomeSuspect() {
  unanswered_ = 0;
  SetState(State::kSuspect);
  Probe();
}

void Node::BecomeDown() {
  probe_timer_.Stop();
  SetState(State::kDown);
  for (auto& command : std::exchange(held_, {})) {
    if (!command->finished()) Send(std::move(command));  // which fails it
  }
}

void Node::OnDeadline() {
  if (state_ == State::kReady) {
    context_.held_back.Error("Redis does not answer in time",
                             {{"address", ToString(address_)}});
    BecomeSuspect();
  } else if (state_ == State::kConnecting) {
    BecomeDown();  // the attempt goes on
  }
}

bool Node::GivesMoreTime(Command& command) const {
  if (state_ != State::kReady) return false;
  const uint64_t moved = connection_->large_moved();
  return std::exchange(command.large_moved, moved) != moved;
}

void Node::OnNotReady() {
  if (state_ == State::kReady) BecomeSuspect();
}

void Node::Reconnect(const absl::Status& why) {
  if (state_ != State::kReady && state_ != State::kSuspect) return;
  context_.held_back.Error(
      "leaving a Redis server",
      {{"address", ToString(address_)}, {"why", std::string(why.message())}});
  BecomeDown();
  Drop();
  retry_timer_.Set(RetryWait(why));
}

void Node::Probe() {
  if (unanswered_ >= kMaxUnansweredProbes) {
    BecomeDown();
    Drop();
    return Attempt();
  }
  ++unanswered_;
  const MonotonicTime asked = context_.clock.Now();
  connection_->Ask(WireOf({"PING"}), [this, asked](const Reply& reply) {
    OnProbed(asked, reply);
  });
  probe_timer_.Set(kProbeEvery + Jittered(context_.random, kProbeEvery));
}

void Node::OnProbed(MonotonicTime asked, const Reply& reply) {
  if (state_ != State::kSuspect) return;
  unanswered_ = 0;
  const Duration took = context_.clock.Now() - asked;
  // A late answer only says that it lives; the next probe tells how quick.
  if (reply.IsError() || took > context_.options.timeout) return;
  BecomeReady();
}

void Node::OnReply(std::unique_ptr<Command> command, Reply reply) {
  owner_.OnReply(*this, std::move(command), std::move(reply));
}

void Node::OnClosed(const absl::Status& why, Leftovers leftovers) {
  if (state_ == State::kConnecting || state_ == State::kDown) {
    Settle(std::move(leftovers));
    return AttemptFailed(why);
  }
  const bool was_good = state_ == State::kReady &&
                        why.code() != absl::StatusCode::kInternal &&
                        context_.clock.Now() - ready_since_ >= kGoodConnection;
  if (why.code() == absl::StatusCode::kInternal) {
    context_.counters.bad_replies.Add();
  }
  context_.held_back.Error(
      "lost a connection to Redis",
      {{"address", ToString(address_)}, {"why", std::string(why.message())}});
  probe_timer_.Stop();
  context_.loop.Discard(std::move(connection_));
  if (was_good) {
    SetState(State::kConnecting);
  } else {
    BecomeDown();
  }
  Settle(std::move(leftovers));
  if (was_good) {
    Attempt();
  } else {
    retry_timer_.Set(RetryWait(why));
    ++failures_;
  }
}

void Node::Drop() {
  probe_timer_.Stop();
  if (connection_ == nullptr) return;
  Leftovers left = connection_->Close();
  context_.loop.Discard(std::move(connection_));
  Settle(std::move(left));
}

void Node::Settle(Leftovers leftovers) {
  for (auto& command : leftovers.sent) {
    context_.counters.disconnected.Add();
    command->Finish(absl::UnavailableError(
        "the connection to Redis was lost; the outcome is unknown"));
  }
  for (auto& command : leftovers.unsent) {
    command->node = nullptr;
    owner_.OnUnsent(*this, std::move(command));
  }
}

}  // namespace outrigger::redis
