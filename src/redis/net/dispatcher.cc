#include "redis/net/dispatcher.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "redis/net/cluster.h"
#include "redis/net/single_server.h"
#include "redis/wire/server_error.h"

namespace outrigger::redis {
namespace {

constexpr Duration kShortestRetry = std::chrono::milliseconds(5);
constexpr Duration kRetrySpread = std::chrono::milliseconds(10);
// A command that is sent on more often runs in circles.
constexpr int kMaxTries = 32;
// Values of megabytes that are on their way give commands more time, up to
// this.
constexpr Duration kLongestTransfer = std::chrono::seconds(2);
// A command that is redirected more often is sent on after a while only.
constexpr int kRedirectsAtOnce = 4;

}  // namespace

Dispatcher::Dispatcher(NodeContext& context, ClientHooks* hooks,
                       std::function<void()> on_change)
    : context_(context),
      hooks_(hooks),
      on_change_(std::move(on_change)),
      deadline_timer_(context.loop, [this] { OnDeadlines(); }),
      retry_timer_(context.loop, [this] { OnRetries(); }) {
  if (context.options.mode == Mode::kCluster) {
    topology_ = std::make_unique<Cluster>(
        context, *this, [this](const std::vector<uint16_t>& slots) {
          return hooks_ == nullptr ? std::vector<std::unique_ptr<Command>>()
                                   : hooks_->OnFailover(slots);
        });
  } else {
    topology_ = std::make_unique<SingleServer>(context, *this);
  }
}

Dispatcher::~Dispatcher() {
  stopping_ = true;
  topology_.reset();
  retries_.clear();
}

void Dispatcher::Start() { topology_->Start(); }

void Dispatcher::Dispatch(std::unique_ptr<Command> command) {
  const bool first = deadlines_.first() == nullptr;
  command->deadline = context_.clock.Now() + context_.options.timeout;
  deadlines_.Add(*command);
  if (first) deadline_timer_.Set(context_.options.timeout);
  Route(std::move(command));
}

void Dispatcher::Route(std::unique_ptr<Command> command) {
  if (command->finished()) return;
  Node* const node = topology_->NodeFor(*command);
  if (node != nullptr) {
    node->Send(std::move(command));
  } else if (topology_->failing()) {
    command->Finish(absl::UnavailableError("Redis is out of reach"));
  } else {
    RetryLater(std::move(command), "the cluster's slots are not known yet");
  }
}

void Dispatcher::Locate(
    Node& node, const std::function<void(absl::StatusOr<Address>)>& done) {
  topology_->Locate(node, done);
}

std::vector<std::unique_ptr<Command>> Dispatcher::OnLogin(
    Node& node, const ServerInfo& server) {
  if (hooks_ == nullptr) return {};
  return hooks_->OnLogin(server, [this, &node](uint16_t slot) {
    return topology_->Serves(node, slot);
  });
}

void Dispatcher::OnStateChange(Node& node) {
  if (stopping_ || topology_ == nullptr) return;
  topology_->OnStateChange(node);
  on_change_();
}

void Dispatcher::OnUnsent(Node&, std::unique_ptr<Command> command) {
  if (stopping_) {
    command->Finish(absl::UnavailableError("the Redis client stops"));
  } else {
    Route(std::move(command));
  }
}

void Dispatcher::OnReply(Node& node, std::unique_ptr<Command> command,
                         Reply reply) {
  if (reply.IsError()) {
    OnError(node, std::move(command), reply.text);
  } else {
    command->Finish(std::move(reply));
  }
}

void Dispatcher::OnError(Node& node, std::unique_ptr<Command> command,
                         const std::string& error) {
  switch (ClassifyError(error)) {
    case ServerError::kMoved:
      context_.counters.moved.Add();
      return Redirected(node, std::move(command), error, /*moved=*/true);
    case ServerError::kAsk:
      context_.counters.ask.Add();
      return Redirected(node, std::move(command), error, /*moved=*/false);
    case ServerError::kTryAgain:
      context_.counters.again.Add();
      topology_->OnTrouble();
      return RetryLater(std::move(command), error);
    case ServerError::kNoScript:
      if (command->script == nullptr || command->expanded) break;
      context_.counters.noscript.Add();
      ExpandScript(*command);
      return node.Send(std::move(command));
    case ServerError::kNotReady:
      Refuse(node, std::move(command), error, "Redis is not ready");
      return node.OnNotReady();
    case ServerError::kReadOnly:
      Refuse(node, std::move(command), error, "Redis is a replica");
      topology_->OnTrouble();
      return node.Reconnect(absl::UnavailableError(error));
    case ServerError::kNoAuth:
      Refuse(node, std::move(command), error, "Redis asks for a login");
      return node.Reconnect(absl::PermissionDeniedError(error));
    case ServerError::kTooMany:
      Refuse(node, std::move(command), error, "Redis has too many clients");
      return node.Reconnect(absl::ResourceExhaustedError(error));
    case ServerError::kRefusing:
      return Refuse(node, std::move(command), error, "Redis takes no writes");
    case ServerError::kNoPermission:
      return Refuse(node, std::move(command), error,
                    "Redis denies permission: check the ACL rules");
    case ServerError::kOther:
      break;
  }
  context_.counters.bad_replies.Add();
  context_.held_back.Error(
      "unexpected error from Redis",
      {{"address", ToString(node.address())}, {"why", error}});
  command->Finish(absl::InternalError(absl::StrCat("Redis says: ", error)));
}

void Dispatcher::Redirected(Node& from, std::unique_ptr<Command> command,
                            const std::string& error, bool moved) {
  const auto redirect = ParseRedirect(error);
  Node* const node =
      redirect ? topology_->Follow(*redirect, moved, from) : nullptr;
  if (node == nullptr) {
    context_.counters.bad_replies.Add();
    command->Finish(absl::InternalError(
        absl::StrCat("Redis redirects in vain (is it a cluster?): ", error)));
    return;
  }
  // While a slot changes hands, two nodes may each point at the other.
  if (++command->tries > kRedirectsAtOnce) {
    return RetryLater(std::move(command), error);
  }
  command->asking = !moved;
  node->Send(std::move(command));
}

void Dispatcher::RetryLater(std::unique_ptr<Command> command,
                            const std::string& why) {
  const MonotonicTime now = context_.clock.Now();
  const Duration wait =
      kShortestRetry + std::chrono::duration_cast<Duration>(
                           kRetrySpread * context_.random.NextDouble());
  // Commands of the hooks have no deadline of their own.
  const bool hopeless = command->deadline == MonotonicTime()
                            ? ++command->tries > kMaxTries
                            : now + wait >= command->deadline;
  if (hopeless) {
    context_.counters.disconnected.Add();
    command->Finish(absl::UnavailableError(why));
    return;
  }
  command->node = nullptr;
  command->asking = false;
  const MonotonicTime due = now + wait;
  if (retries_.empty() || due < retries_.begin()->first) {
    retry_timer_.Set(wait);
  }
  retries_.emplace(due, std::move(command));
}

void Dispatcher::OnRetries() {
  const MonotonicTime now = context_.clock.Now();
  while (!retries_.empty() && retries_.begin()->first <= now) {
    std::unique_ptr<Command> command = std::move(retries_.begin()->second);
    retries_.erase(retries_.begin());
    Route(std::move(command));
  }
  if (!retries_.empty()) retry_timer_.Set(retries_.begin()->first - now);
}

void Dispatcher::Refuse(Node& node, std::unique_ptr<Command> command,
                        const std::string& error, const std::string& meaning) {
  context_.counters.refused.Add();
  context_.held_back.Error(
      meaning, {{"address", ToString(node.address())}, {"why", error}});
  command->Finish(absl::UnavailableError(absl::StrCat("Redis says: ", error)));
}

void Dispatcher::OnDeadlines() {
  const MonotonicTime now = context_.clock.Now();
  while (Command* command = deadlines_.first()) {
    if (command->deadline > now) {
      deadline_timer_.Set(command->deadline - now);
      return;
    }
    Node* const node = command->node;
    if (node != nullptr && now - command->posted < kLongestTransfer &&
        node->GivesMoreTime(*command)) {
      deadlines_.Remove(*command);
      command->deadline = now + context_.options.timeout;
      deadlines_.Add(*command);
      continue;
    }
    context_.counters.timeouts.Add();
    const bool sent = node != nullptr && node->connected();
    command->Finish(
        sent ? absl::DeadlineExceededError(
                   "no answer from Redis in time; the outcome is unknown")
             : absl::UnavailableError("Redis could not be asked in time"));
    if (node != nullptr) node->OnDeadline();
  }
}

}  // namespace outrigger::redis
