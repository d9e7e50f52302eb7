#include "redis/tracking/tracker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "redis/wire/server_error.h"

namespace outrigger::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr absl::string_view kChannel = "__redis__:invalidate";
constexpr Duration kPingEvery = milliseconds(500);
constexpr Duration kFirstWait = milliseconds(20);
constexpr Duration kLongestWait = seconds(1);
// Where only an operator can help.
constexpr Duration kOperatorWait = seconds(2);

}  // namespace

Tracker::Tracker(NodeContext& context, TrackerOwner& owner, Address address,
                 std::string run_id, const std::vector<std::string>& prefixes)
    : context_(context),
      owner_(owner),
      address_(std::move(address)),
      run_id_(std::move(run_id)),
      prefixes_(prefixes),
      attempt_timer_(
          context.loop,
          [this] {
            Fail(absl::DeadlineExceededError("no connection in time"));
          }),
      retry_timer_(context.loop, [this] { Attempt(); }),
      ping_timer_(context.loop, [this] { Ping(); }),
      answer_timer_(context.loop, [this] {
        Fail(absl::DeadlineExceededError("no answer to PING in time"));
      }) {}

Tracker::~Tracker() { Disconnect(); }

void Tracker::Attempt() {
  attempt_timer_.Set(context_.options.connect_timeout);
  connection_ = std::make_unique<Connection>(
      context_.loop, context_.resolver, static_cast<ConnectionOwner&>(*this));
  connection_->Connect(address_, context_.options.tls, failures_);
}

void Tracker::OnConnected() {
  LogIn(
      *connection_, PlanFor(context_.options),
      [this](const absl::StatusOr<ServerInfo>& server) { OnLoggedIn(server); });
}

void Tracker::OnLoggedIn(const absl::StatusOr<ServerInfo>& server) {
  if (!server.ok()) return Fail(server.status());
  if (server->run_id != run_id_) {
    return Fail(absl::UnavailableError("another server answers there"));
  }
  connection_->Ask(WireOf({"CLIENT", "ID"}),
                   [this](const Reply& reply) { OnId(reply); });
}

void Tracker::OnId(const Reply& reply) {
  if (!reply.IsInteger()) return Refused(reply);
  WireBuilder wire(static_cast<int>(6 + 2 * prefixes_.size()));
  wire.Add("CLIENT").Add("TRACKING").Add("ON").Add("REDIRECT");
  wire.Add(reply.integer).Add("BCAST");
  for (const std::string& prefix : prefixes_) wire.Add("PREFIX").Add(prefix);
  // Until it has subscribed the server tells it nothing, so the answer to
  // SUBSCRIBE is where hearing begins.
  auto refusal = std::make_shared<Reply>();
  connection_->Ask(std::move(wire).Take(), [refusal](Reply answer) {
    if (!answer.IsStatus("OK")) *refusal = std::move(answer);
  });
  const MonotonicTime asked = context_.clock.Now();
  connection_->ExpectMessages();
  connection_->Ask(WireOf({"SUBSCRIBE", kChannel}),
                   [this, refusal, asked](const Reply& answer) {
                     Answered(asked);
                     OnSubscribed(refusal->IsNil() ? answer : *refusal);
                   });
}

void Tracker::OnSubscribed(const Reply& reply) {
  if (!reply.IsArray()) return Refused(reply);
  attempt_timer_.Stop();
  failures_ = 0;
  SetHears(true);
  ping_timer_.Set(kPingEvery);
}

void Tracker::OnMessage(Reply body) {
  if (body.IsNil()) return owner_.OnFlushed();
  std::vector<std::string> keys;
  keys.reserve(body.elements.size());
  for (Reply& key : body.elements) keys.push_back(std::move(key.text));
  owner_.OnKeys(std::move(keys));
}

void Tracker::Ping() {
  ping_timer_.Set(kPingEvery);
  if (pinging_) return;
  pinging_ = true;
  answer_timer_.Set(AnswerTimeout());
  const MonotonicTime asked = context_.clock.Now();
  connection_->Ask(WireOf({"PING"}), [this, asked](const Reply&) {
    pinging_ = false;
    answer_timer_.Stop();
    Answered(asked);
    owner_.OnAnswered();
  });
}

Duration Tracker::AnswerTimeout() const {
  return std::max(context_.options.timeout, kPingEvery);
}

// The next PING is asked after an interval (and some, as timers are coarse) and
// answered in time, or the connection is given up.
void Tracker::Answered(MonotonicTime asked) {
  heard_until_ = asked + 2 * kPingEvery + AnswerTimeout();
}

void Tracker::Refused(const Reply& reply) {
  // Only an operator can help; what is needed stands in redis/cache/.
  Fail(absl::PermissionDeniedError(
      absl::StrCat("Redis says: ", reply.IsError() ? reply.text : "nonsense")));
}

void Tracker::OnClosed(const absl::Status& why, Leftovers) { Fail(why); }

void Tracker::Fail(const absl::Status& why) {
  const bool refused = absl::IsPermissionDenied(why);
  context_.held_back.Error(
      refused ? "Redis does not let us track its keys, so no copy in this pod "
                "counts as coherent: it takes Redis 6 and a user with "
                "+client|id +client|tracking +subscribe "
                "&__redis__:invalidate"
              : "cannot hear of changes in Redis; trying on",
      {{"address", ToString(address_)}, {"why", std::string(why.message())}});
  Duration most = std::min<Duration>(
      kLongestWait, kFirstWait * (1LL << std::min(failures_, 10u)));
  if (refused || absl::IsResourceExhausted(why)) most = kOperatorWait;
  ++failures_;
  Disconnect();
  const double share = context_.random.NextDouble();
  retry_timer_.Set(std::chrono::duration_cast<Duration>(
      most * (most == kOperatorWait ? (1 + share) / 2 : share)));
  SetHears(false);
}

void Tracker::Disconnect() {
  attempt_timer_.Stop();
  ping_timer_.Stop();
  answer_timer_.Stop();
  pinging_ = false;
  if (connection_ == nullptr) return;
  connection_->Close();
  context_.loop.Discard(std::move(connection_));
}

void Tracker::SetHears(bool hears) {
  if (hears_ == hears) return;
  hears_ = hears;
  owner_.OnHears(*this);
}

}  // namespace outrigger::redis
