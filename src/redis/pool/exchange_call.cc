#include "redis/pool/exchange_call.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "redis/script_texts.h"  // made by CMake from redis/scripts/*.lua

namespace outrigger::redis {
namespace {

constexpr int kEvalShaWords = 3;  // EVALSHA, hash, number of keys
constexpr int kKeys = 8;
constexpr int kArguments = 15;  // before those who wait
constexpr char kLate[] = "late";

// The texts of the reply, one number each.
class Numbers {
 public:
  explicit Numbers(absl::string_view text)
      : words_(absl::StrSplit(text, ' ')) {}

  template <typename T>
  Numbers& Next(T* number) {
    ok_ = ok_ && at_ < words_.size() && absl::SimpleAtoi(words_[at_++], number);
    return *this;
  }
  Numbers& Next(bool* flag) {
    uint32_t number = 0;
    Next(&number);
    ok_ = ok_ && number <= 1;
    *flag = number == 1;
    return *this;
  }
  bool AllRead() const { return ok_ && at_ == words_.size(); }

 private:
  const std::vector<absl::string_view> words_;
  size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace

const Script& PoolExchangeScript() {
  static const Script& script =
      *new Script("pool_exchange", script_text::pool_exchange);
  return script;
}

std::string ExchangeCall(const store::PoolRequest& request,
                         const ExchangeContext& context) {
  const PoolLayout& layout = context.layout;
  const size_t waiting =
      std::min(request.waited_us.size(), store::kMaxPoolWaiters);
  WireBuilder wire(
      kEvalShaWords + kKeys + kArguments + static_cast<int>(waiting),
      /*reserve_bytes=*/1024);
  wire.Add("EVALSHA").Add(PoolExchangeScript().sha1()).Add(int64_t{kKeys});
  wire.Add(layout.Ledger(request.pool));
  for (const char set : {'x', 'c', 'w', 'm', 't'}) {
    wire.Add(layout.Set(request.pool, set));
  }
  wire.Add(EpochKey(context.prefix, context.slot))
      .Add(layout.Mail(request.pod, request.pool))
      .Add(context.epoch.text)
      .Add(context.epoch.forgot_us)
      .Add(context.birth)
      .Add(layout.mail_begin())
      .Add(PoolLayout::MailEnd(request.pool))
      .Add(PoolLayout::PodName(request.pod))
      .Add(absl::StrCat(request.sequence))
      .Add(int64_t{request.cap})
      .Add(int64_t{request.overflow_above})
      .Add(int64_t{request.held})
      .Add(int64_t{request.need})
      .Add(int64_t{request.want})
      .Add(absl::StrCat(request.last_token))
      .Add(request.lease_us)
      .Add(request.leave ? "1" : "0");
  for (size_t i = 0; i < waiting; ++i) wire.Add(request.waited_us[i]);
  return std::move(wire).Take();
}

absl::StatusOr<ExchangeAnswer> ParseExchange(const Reply& reply) {
  if (!reply.IsString()) {
    return absl::InternalError("a script answered what it should not have");
  }
  if (reply.text == kLate) {
    return absl::AbortedError("a later request came before");
  }
  ExchangeAnswer answer;
  store::PoolReply& parsed = answer.reply;
  uint64_t birth = 0;
  Numbers numbers(reply.text);
  numbers.Next(&parsed.slots)
      .Next(&parsed.overflow)
      .Next(&parsed.squeezed)
      .Next(&parsed.target)
      .Next(&parsed.one_by_one)
      .Next(&parsed.learning_for_us)
      .Next(&parsed.fence)
      .Next(&parsed.fleet_slots)
      .Next(&parsed.fleet_need)
      .Next(&parsed.pods)
      .Next(&birth);
  if (!numbers.AllRead()) {
    return absl::InternalError("Redis holds an unreadable pool");
  }
  answer.birth = absl::StrCat(birth);
  return answer;
}

}  // namespace outrigger::redis
