#include "otlp/run/delivery.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outrigger::otlp {
namespace {

// Between lines about partial successes.
constexpr Duration kQuiet = std::chrono::minutes(1);

}  // namespace

Delivery::Delivery(const Options& options, std::unique_ptr<Sender> sender,
                   Loop& loop, const Clock& clock, RandomSource& random,
                   Meters& meters, const telemetry::Log& log)
    : options_(options),
      sender_(std::move(sender)),
      clock_(clock),
      random_(random),
      meters_(meters),
      log_(log),
      pause_(options.backoff.first),
      wait_(loop, [this] { Attempt(); }) {}

void Delivery::Deliver(std::vector<Request> requests,
                       std::function<void()> done) {
  for (Request& request : requests) requests_.push_back(std::move(request));
  done_ = std::move(done);
  Next();
}

void Delivery::EndBy(std::optional<MonotonicTime> last) {
  end_by_ = last;
  // What is under way ends by its own timeout; what waits may end now.
  if (busy() && last.has_value() && not_before_ > *last) {
    wait_.Set(Duration::zero());
  }
}

void Delivery::Next() {
  first_attempt_.reset();
  if (requests_.empty()) {
    // It may deliver more.
    std::exchange(done_, nullptr)();
    return;
  }
  const MonotonicTime now = clock_.Now();
  if (now >= not_before_) {
    Attempt();
  } else if (end_by_.has_value() && not_before_ > *end_by_) {
    wait_.Set(Duration::zero());  // it will be dropped
  } else {
    wait_.Set(not_before_ - now);
  }
}

MonotonicTime Delivery::GiveUpAt() const {
  const MonotonicTime give_up = *first_attempt_ + options_.export_timeout;
  return end_by_.has_value() ? std::min(give_up, *end_by_) : give_up;
}

void Delivery::Attempt() {
  const MonotonicTime now = clock_.Now();
  if (!first_attempt_.has_value()) {
    first_attempt_ = now;
    meters_.InFlight(sender_->type(),
                     static_cast<int64_t>(requests_.front().items));
  }
  const Duration left = GiveUpAt() - now;
  if (left <= Duration::zero() || not_before_ > GiveUpAt()) {
    Drop(NoAnswer("timeout", "no time is left"), "timeout");
    return;
  }
  if (now < not_before_) {  // timers may be early
    wait_.Set(not_before_ - now);
    return;
  }
  sender_->Send(requests_.front().body,
                std::min(options_.attempt_timeout, left),
                [this, now](Outcome outcome) { OnOutcome(now, outcome); });
}

void Delivery::OnOutcome(MonotonicTime sent, Outcome outcome) {
  meters_.Attempt(sender_->type(), clock_.Now() - sent, outcome.error_type);
  switch (outcome.kind) {
    case Outcome::Kind::kAccepted:
      OnAccepted(outcome);
      return;
    case Outcome::Kind::kRetry:
    case Outcome::Kind::kOtherProtocol:
      OnRetry(outcome);
      return;
    case Outcome::Kind::kRefused:
      Drop(outcome, "refused");
      return;
  }
}

void Delivery::OnAccepted(const Outcome& outcome) {
  if (failing_) {
    log_.Info(
        "the collector takes data again",
        {{"signal", NameOf(options_.signal)}, {"lost", absl::StrCat(lost_)}});
  }
  failing_ = false;
  lost_ = 0;
  pause_ = options_.backoff.first;
  not_before_ = MonotonicTime{};
  const size_t items = requests_.front().items;
  const size_t rejected =
      std::min(items, static_cast<size_t>(outcome.rejected));
  meters_.Exported(sender_->type(), items - rejected, "");
  meters_.Exported(sender_->type(), rejected, "rejected");
  meters_.Dropped("rejected", rejected);
  LogPartial(outcome);
  Pop();
}

void Delivery::OnRetry(const Outcome& outcome) {
  const Duration least = std::max(pause_, outcome.retry_after);
  const auto extra = static_cast<int64_t>(random_.NextDouble() * 0.5 *
                                          static_cast<double>(least.count()));
  const MonotonicTime now = clock_.Now();
  not_before_ = now + least + Duration(extra);
  pause_ = std::min(2 * least, std::max(options_.backoff.most, least));
  if (not_before_ >= GiveUpAt()) {
    Drop(outcome, "timeout");
    return;
  }
  LogFailure(outcome, "");
  meters_.Retried();
  wait_.Set(not_before_ - now);
}

void Delivery::Drop(const Outcome& outcome, absl::string_view reason) {
  const size_t items = requests_.front().items;
  meters_.Exported(sender_->type(), items, outcome.error_type);
  meters_.Dropped(reason, items);
  LogFailure(outcome, reason);
  lost_ += items;
  Pop();
}

void Delivery::Pop() {
  meters_.InFlight(sender_->type(),
                   -static_cast<int64_t>(requests_.front().items));
  requests_.pop_front();
  Next();
}

void Delivery::LogFailure(const Outcome& outcome, absl::string_view reason) {
  if (std::exchange(failing_, true)) return;
  log_.Warning(reason == "refused"
                   ? "the collector refuses data, which is lost"
                   : "the collector does not take data; what does not fit "
                     "into the queue meanwhile is lost",
               {{"signal", NameOf(options_.signal)},
                {"error", outcome.error_type},
                {"reason", outcome.message}});
}

void Delivery::LogPartial(const Outcome& outcome) {
  if (outcome.rejected == 0 && outcome.message.empty()) return;
  const MonotonicTime now = clock_.Now();
  if (partial_logged_.has_value() && now - *partial_logged_ < kQuiet) return;
  partial_logged_ = now;
  log_.Warning("the collector has something to say of what it took",
               {{"signal", NameOf(options_.signal)},
                {"rejected", absl::StrCat(outcome.rejected)},
                {"reason", outcome.message}});
}

}  // namespace outrigger::otlp
