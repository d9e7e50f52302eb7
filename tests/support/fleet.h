// Pods of a fleet in one process: limiters that share a store and a clock.
#ifndef OUTRIGGER_TESTS_SUPPORT_FLEET_H_
#define OUTRIGGER_TESTS_SUPPORT_FLEET_H_

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coord/limit/limiter.h"
#include "tests/support/lossy_store.h"
#include "tests/support/manual_executor.h"

namespace outrigger {

using Attributes = std::vector<std::pair<std::string, std::string>>;

// One limit of `tokens` per `period`, by attribute "user".
inline limit::LimitConfig PerUser(double tokens, Duration period) {
  limit::LimitConfig config;
  config.name = "per_user";
  config.key = {"user"};
  config.shape.tokens = tokens;
  config.shape.burst = tokens;
  config.shape.period_us = ToMicros(period);
  return config;
}

// A question and what became of it. `answer` is empty while it is parked.
struct Asked {
  std::optional<absl::StatusOr<coord::AllowAnswer>> answer;
  coord::Limiter::Ticket ticket = 0;
  bool parked() const { return !answer.has_value(); }
  bool allowed() const { return answer && answer->ok() && (*answer)->allowed; }
  const coord::AllowAnswer& operator*() const { return **answer; }
};

// What a question asks besides its attributes.
struct With {
  uint64_t cost = 1;
  Duration max_wait{};
  std::string limit = {};
  bool detail = false;
};

// One pod. Its link to the shared store can be cut.
class FleetPod {
 public:
  FleetPod(std::vector<limit::LimitConfig> limits, FakeClock& clock,
           ManualExecutor& executor, store::LimitStore* shared, int number)
      : random_(static_cast<uint64_t>(number) + 1),
        store_(shared == nullptr ? nullptr
                                 : std::make_unique<LossyStore>(*shared)),
        limiter_(std::make_unique<coord::Limiter>(
            coord::Limiter::Options{absl::StrCat("pod-", number)},
            std::move(limits), clock, executor, random_, registry_,
            store_.get())) {}

  std::shared_ptr<Asked> Ask(const Attributes& attributes,
                             const With& with = {}) {
    auto asked = std::make_shared<Asked>();
    const std::vector<limit::Attribute> views = Views(attributes);
    const coord::AllowQuery query = Query(views, with);
    coord::AllowAnswer answer;
    absl::Status error;
    if (limiter_->AllowNow(query, &answer, &error)) {
      if (error.ok()) {
        asked->answer = std::move(answer);
      } else {
        asked->answer = error;
      }
      return asked;
    }
    asked->ticket = limiter_->AllowLater(
        query, [asked](absl::StatusOr<coord::AllowAnswer> later) {
          asked->answer = std::move(later);
        });
    return asked;
  }

  bool Allow(const Attributes& attributes, const With& with = {}) {
    return Ask(attributes, with)->allowed();
  }

  // How many of `n` questions are allowed.
  int AllowMany(int n, const Attributes& attributes) {
    int allowed = 0;
    for (int i = 0; i < n; ++i) allowed += Allow(attributes);
    return allowed;
  }

  absl::Status Refund(const Attributes& attributes, uint64_t cost) {
    std::optional<absl::Status> status;
    const std::vector<limit::Attribute> views = Views(attributes);
    limiter_->Refund(Query(views, {.cost = cost}),
                     [&](absl::Status s) { status = s; });
    return status.value_or(absl::InternalError("no answer"));
  }

  absl::StatusOr<coord::Limiter::ReportAnswer> Report(
      const Attributes& attributes, bool success) {
    absl::StatusOr<coord::Limiter::ReportAnswer> result =
        absl::InternalError("no answer");
    const std::vector<limit::Attribute> views = Views(attributes);
    limiter_->Report(Query(views, {}), success,
                     [&](auto answer) { result = std::move(answer); });
    return result;
  }

  coord::Limiter& limiter() { return *limiter_; }
  LossyStore& store() { return *store_; }

 private:
  static std::vector<limit::Attribute> Views(const Attributes& attributes) {
    std::vector<limit::Attribute> views;
    for (const auto& [name, value] : attributes) views.push_back({name, value});
    return views;
  }
  static coord::AllowQuery Query(const std::vector<limit::Attribute>& views,
                                 const With& with) {
    coord::AllowQuery query;
    query.attributes = views;
    query.cost = with.cost;
    query.max_wait_us = ToMicros(with.max_wait);
    query.limit = with.limit;
    query.detail = with.detail;
    return query;
  }

  PseudoRandomSource random_;
  telemetry::Registry registry_;
  std::unique_ptr<LossyStore> store_;
  std::unique_ptr<coord::Limiter> limiter_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_FLEET_H_
