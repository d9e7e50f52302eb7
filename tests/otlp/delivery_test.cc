#include "otlp/run/delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "otlp/run/batch_queue.h"
#include "otlp/run/split.h"
#include "support/fake_clock.h"
#include "telemetry/registry.h"

namespace outrigger::otlp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

// Answers as it was told, and moves the clock on by what the pause was: so the
// times of the attempts are exact, whatever the machine does.
class ScriptedSender final : public Sender {
 public:
  ScriptedSender(Loop& loop, FakeClock& clock, std::deque<Outcome> outcomes,
                 std::vector<std::string>& sent, Duration pause = seconds(1))
      : clock_(clock),
        outcomes_(std::move(outcomes)),
        sent_(sent),
        later_(loop, [this, pause] {
          const Outcome next = outcomes_.front();
          if (outcomes_.size() > 1) outcomes_.pop_front();
          std::exchange(done_, nullptr)(next);
          // All pauses are over: the loop's timer is at once or soon.
          clock_.Advance(pause);
        }) {}

  void Send(const std::string& body, Duration,
            std::function<void(Outcome)> done) override {
    sent_.push_back(body);
    done_ = std::move(done);
    later_.Set(Duration::zero());
  }
  const char* type() const override { return "otlp_grpc"; }

 private:
  FakeClock& clock_;
  std::deque<Outcome> outcomes_;  // the last one for ever
  std::vector<std::string>& sent_;
  std::function<void(Outcome)> done_;
  Timer later_;
};

Outcome Accepted() { return {.kind = Outcome::Kind::kAccepted}; }
Outcome Retry(Duration after = {}) {
  return {.kind = Outcome::Kind::kRetry,
          .retry_after = after,
          .error_type = "UNAVAILABLE"};
}
Outcome Refused() {
  return {.kind = Outcome::Kind::kRefused, .error_type = "INTERNAL"};
}

class DeliveryTest : public ::testing::Test {
 protected:
  // Delivers two requests of 10 and 20 items; what the sender was given.
  std::vector<std::string> Deliver(std::deque<Outcome> outcomes,
                                   Duration export_timeout = seconds(30)) {
    std::vector<std::string> sent;
    Delivery delivery(
        {.signal = Signal::kTraces,
         .attempt_timeout = seconds(1),
         .export_timeout = export_timeout,
         .backoff = {.first = milliseconds(1), .most = milliseconds(4)}},
        std::make_unique<ScriptedSender>(loop_, clock_, std::move(outcomes),
                                         sent),
        loop_, clock_, random_, meters_, log_);
    delivery.Deliver({{.body = "a", .items = 10}, {.body = "b", .items = 20}},
                     [this] { loop_.Stop(); });
    EXPECT_TRUE(delivery.busy());
    loop_.Run();
    EXPECT_FALSE(delivery.busy());
    return sent;
  }

  double Value(const telemetry::MetricInfo& info,
               absl::string_view attribute = "", absl::string_view value = "") {
    const telemetry::Snapshot snapshot = registry_.Collect();
    const telemetry::Metric* metric = Find(snapshot, info.name);
    double sum = 0;
    if (metric == nullptr) return sum;
    for (const telemetry::Point& point : metric->points) {
      if (attribute.empty() || AttributeOf(point, attribute) == value) {
        sum += NumberOf(point);
      }
    }
    return sum;
  }

  telemetry::Registry registry_;
  FakeClock clock_;
  PseudoRandomSource random_{1};
  Loop loop_;
  Meters meters_{Signal::kTraces, registry_};
  const telemetry::Log log_{"otlp", clock_};
};

TEST_F(DeliveryTest, SendsOneAfterTheOther) {
  EXPECT_THAT(Deliver({Accepted()}), ElementsAre("a", "b"));
  EXPECT_EQ(Value(telemetry::kSdkSpansExported, "error.type", ""), 30);
  EXPECT_EQ(Value(telemetry::kSdkSpansInFlight), 0);
  EXPECT_EQ(Value(telemetry::kSdkExportDuration), 2);
}

TEST_F(DeliveryTest, TriesAgainWhatMayWorkLater) {
  EXPECT_THAT(Deliver({Retry(), Retry(), Accepted()}),
              ElementsAre("a", "a", "a", "b"));
  EXPECT_EQ(Value(telemetry::kOtlpRetries), 2);
  EXPECT_EQ(Value(telemetry::kSdkSpansExported, "error.type", ""), 30);
  EXPECT_EQ(Value(telemetry::kOtlpDropped), 0);
}

TEST_F(DeliveryTest, DropsWhatNeverWorks) {
  EXPECT_THAT(Deliver({Refused(), Accepted()}), ElementsAre("a", "b"));
  EXPECT_EQ(Value(telemetry::kOtlpDropped, "reason", "refused"), 10);
  EXPECT_EQ(Value(telemetry::kSdkSpansExported, "error.type", "INTERNAL"), 10);
  EXPECT_EQ(Value(telemetry::kSdkSpansExported, "error.type", ""), 20);
}

TEST_F(DeliveryTest, PartialSuccessIsNeverSentAgain) {
  EXPECT_THAT(Deliver({{.kind = Outcome::Kind::kAccepted,
                        .rejected = 4,
                        .message = "too old"},
                       Accepted()}),
              ElementsAre("a", "b"));
  EXPECT_EQ(Value(telemetry::kOtlpDropped, "reason", "rejected"), 4);
  EXPECT_EQ(Value(telemetry::kSdkSpansExported, "error.type", "rejected"), 4);
  EXPECT_EQ(Value(telemetry::kSdkSpansExported, "error.type", ""), 26);
}

TEST_F(DeliveryTest, ARejectionIsNotBelievedBeyondWhatWasSent) {
  Deliver({{.kind = Outcome::Kind::kAccepted, .rejected = 1'000'000}});
  EXPECT_EQ(Value(telemetry::kOtlpDropped, "reason", "rejected"), 30);
}

TEST_F(DeliveryTest, GivesUpInTime) {
  // Each attempt takes a second of the three.
  const auto sent = Deliver({Retry()}, seconds(3));
  EXPECT_GE(sent.size(), 4u);
  EXPECT_LE(sent.size(), 8u);
  EXPECT_EQ(Value(telemetry::kOtlpDropped, "reason", "timeout"), 30);
}

TEST_F(DeliveryTest, ATimerThatIsEarlyLosesNothing) {
  // The clock stands still for some of the loop's milliseconds.
  std::vector<std::string> sent;
  Delivery delivery(
      {.attempt_timeout = seconds(1),
       .export_timeout = seconds(30),
       .backoff = {.first = milliseconds(1), .most = milliseconds(4)}},
      std::make_unique<ScriptedSender>(loop_, clock_,
                                       std::deque<Outcome>{Retry(), Accepted()},
                                       sent, Duration::zero()),
      loop_, clock_, random_, meters_, log_);
  Timer late(loop_, [this] { clock_.Advance(seconds(1)); });
  late.Set(milliseconds(10));
  delivery.Deliver({{.body = "a", .items = 1}}, [this] { loop_.Stop(); });
  loop_.Run();
  EXPECT_THAT(sent, ElementsAre("a", "a"));
  EXPECT_EQ(Value(telemetry::kOtlpDropped), 0);
}

TEST_F(DeliveryTest, DoesNotWaitLongerThanItHas) {
  // The collector wants an hour: the first request is given up at once.
  std::vector<std::string> sent;
  Delivery delivery(
      {.attempt_timeout = seconds(1), .export_timeout = seconds(30)},
      std::make_unique<ScriptedSender>(
          loop_, clock_, std::deque<Outcome>{Retry(std::chrono::hours(1))},
          sent),
      loop_, clock_, random_, meters_, log_);
  delivery.Deliver({{.body = "a", .items = 1}}, [this] { loop_.Stop(); });
  loop_.Run();
  EXPECT_THAT(sent, ElementsAre("a"));
  EXPECT_EQ(Value(telemetry::kOtlpDropped, "reason", "timeout"), 1);
  // The next one waits out the hour, unless the end comes first.
  delivery.Deliver({{.body = "b", .items = 2}}, [this] { loop_.Stop(); });
  delivery.EndBy(clock_.Now() + seconds(5));
  loop_.Run();
  EXPECT_THAT(sent, ElementsAre("a"));
  EXPECT_EQ(Value(telemetry::kOtlpDropped, "reason", "timeout"), 3);
}

TEST(BatchQueue, HandsOutWholeBatches) {
  using Queue = BatchQueue<int>;
  Queue queue(5, 2);
  EXPECT_EQ(queue.Push(1), Queue::Pushed::kWaits);
  EXPECT_FALSE(queue.HasFullBatch());
  EXPECT_EQ(queue.Push(2), Queue::Pushed::kBatchFull);
  EXPECT_TRUE(queue.HasFullBatch());
  EXPECT_EQ(queue.Push(3), Queue::Pushed::kWaits);
  EXPECT_THAT(queue.Take(), ElementsAre(1, 2));
  EXPECT_FALSE(queue.HasFullBatch());
  EXPECT_THAT(queue.Take(), ElementsAre(3));
  EXPECT_TRUE(queue.Take().empty());
  EXPECT_EQ(queue.size(), 0u);
}

TEST(BatchQueue, DropsWhatDoesNotFit) {
  BatchQueue<int> queue(3, 2);
  for (int i = 0; i < 3; ++i) queue.Push(i);
  EXPECT_EQ(queue.Push(3), BatchQueue<int>::Pushed::kDropped);
  EXPECT_EQ(queue.size(), 3u);
  queue.Take();
  EXPECT_EQ(queue.Push(4), BatchQueue<int>::Pushed::kBatchFull);
  EXPECT_THAT(queue.Take(), ElementsAre(2, 4));
}

TEST(BatchQueue, ManyThreadsLoseNothing) {
  BatchQueue<int> queue(100'000, 64);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&queue] {
      for (int i = 0; i < 5000; ++i) queue.Push(i);
    });
  }
  size_t taken = 0;
  while (taken < 10'000) taken += queue.Take().size();
  for (std::thread& thread : threads) thread.join();
  for (size_t some = 1; some > 0; taken += some) some = queue.Take().size();
  EXPECT_EQ(taken, 20'000u);
}

TEST(EncodeInto, HalvesUntilItFits) {
  const std::vector<int> items = {1, 2, 3, 4, 5, 60, 7};
  // As many bytes as the items' sum.
  const auto encode = [](absl::Span<const int> some) {
    size_t bytes = 0;
    for (const int item : some) bytes += static_cast<size_t>(item);
    return std::string(bytes, 'x');
  };
  std::vector<Request> requests;
  size_t too_large = 0;
  EncodeInto(absl::MakeConstSpan(items), encode, 10, requests, too_large);
  EXPECT_EQ(too_large, 1u);
  size_t sent = 0;
  for (const Request& request : requests) {
    EXPECT_LE(request.body.size(), 10u);
    sent += request.items;
  }
  EXPECT_EQ(sent, 6u);
}

}  // namespace
}  // namespace outrigger::otlp
