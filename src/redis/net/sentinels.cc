#include "redis/net/sentinels.h"

#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace outrigger::redis {
namespace {

constexpr Duration kPollEvery = std::chrono::seconds(1);

// A sentinel's share of the time that a connection may take: several can be
// asked in it.
Duration AnswerTimeout(const Options& options) {
  return options.connect_timeout / 4;
}

}  // namespace

Sentinels::Sentinels(NodeContext& context,
                     std::function<void(const Address&)> on_master)
    : context_(context),
      on_master_(std::move(on_master)),
      poll_timer_(context.loop, [this] { Ask(); }),
      answer_timer_(context.loop, [this] {
        GiveUp(absl::DeadlineExceededError("a sentinel does not answer"));
      }) {}

Sentinels::~Sentinels() { Disconnect(); }

void Sentinels::FindMaster(std::function<void(absl::StatusOr<Address>)> done) {
  waiting_ = std::move(done);
  failed_ = 0;
  Ask();
}

void Sentinels::Ask() {
  answer_timer_.Set(AnswerTimeout(context_.options));
  poll_timer_.Set(kPollEvery);
  if (connection_ == nullptr) {
    connection_ = std::make_unique<Connection>(
        context_.loop, context_.resolver, static_cast<ConnectionOwner&>(*this));
    connection_->Connect(context_.options.addresses[current_],
                         context_.options.tls, 0);
    return;
  }
  if (!logged_in_) return;  // asked when it is
  connection_->Ask(WireOf({"SENTINEL", "get-master-addr-by-name",
                           context_.options.sentinel.master}),
                   [this](const Reply& reply) { OnMaster(reply); });
}

void Sentinels::OnConnected() {
  LogIn(*connection_, SentinelPlanFor(context_.options),
        [this](const absl::StatusOr<ServerInfo>& login) {
          if (!login.ok()) return GiveUp(login.status());
          logged_in_ = true;
          Ask();
        });
}

void Sentinels::OnMaster(const Reply& reply) {
  uint32_t port = 0;
  if (!reply.IsArray() || reply.elements.size() != 2 ||
      reply.elements[0].text.empty() ||
      !absl::SimpleAtoi(reply.elements[1].text, &port) || port < 1 ||
      port > 65535) {
    return GiveUp(absl::UnavailableError(
        reply.IsError() ? reply.text : "a sentinel does not know the master"));
  }
  answer_timer_.Stop();
  failed_ = 0;
  Address address;
  address.host = reply.elements[0].text;
  address.port = static_cast<uint16_t>(port);
  if (waiting_) {
    std::exchange(waiting_, nullptr)(address);
  } else {
    on_master_(address);
  }
}

void Sentinels::OnClosed(const absl::Status& why, Leftovers) { GiveUp(why); }

void Sentinels::GiveUp(const absl::Status& why) {
  context_.held_back.Error(
      "cannot ask a sentinel; trying the next",
      {{"address", ToString(context_.options.addresses[current_])},
       {"why", std::string(why.message())}});
  Disconnect();
  current_ = (current_ + 1) % context_.options.addresses.size();
  if (++failed_ < context_.options.addresses.size()) return Ask();
  failed_ = 0;
  if (waiting_) {
    std::exchange(waiting_, nullptr)(absl::UnavailableError(
        absl::StrCat("no sentinel knows the master: ", why.message())));
  }
}

void Sentinels::Disconnect() {
  answer_timer_.Stop();
  logged_in_ = false;
  if (connection_ == nullptr) return;
  connection_->Close();
  context_.loop.Discard(std::move(connection_));
}

}  // namespace outrigger::redis
