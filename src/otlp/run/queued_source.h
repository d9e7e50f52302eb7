// Items that other threads queue, sent in batches: spans and log events.
#ifndef OUTRIGGER_OTLP_RUN_QUEUED_SOURCE_H_
#define OUTRIGGER_OTLP_RUN_QUEUED_SOURCE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "otlp/options.h"
#include "otlp/run/batch_queue.h"
#include "otlp/run/delivery.h"
#include "otlp/run/meters.h"
#include "otlp/run/source.h"
#include "otlp/run/split.h"

namespace outrigger::otlp {

// Sends a batch as soon as it is full, or after Batching::schedule_delay. All
// but Put on the loop's thread.
template <typename Item>
class QueuedSource final : public Source {
 public:
  // A request with these items.
  using Encode = std::function<std::string(absl::Span<const Item>)>;

  // All must outlive the source, but for the thread of `loop`.
  QueuedSource(const Batching& batching, Encode encode, Delivery& delivery,
               Meters& meters, Loop& loop)
      : batching_(batching),
        encode_(std::move(encode)),
        delivery_(delivery),
        meters_(meters),
        loop_(loop),
        dropped_(meters.dropped_queue_full()),
        processed_(meters.processed()),
        processed_queue_full_(meters.processed_queue_full()),
        queue_(batching.max_queue, batching.max_batch),
        observation_(meters.ObserveQueue(batching.max_queue,
                                         [this] { return queue_.size(); })),
        schedule_(loop, [this] {
          due_ = true;
          schedule_.Set(batching_.schedule_delay);
          Pump();
        }) {}

  // Thread-safe; does not block.
  void Put(Item item) {
    using Pushed = typename BatchQueue<Item>::Pushed;
    const Pushed pushed = queue_.Push(std::move(item));
    if (pushed == Pushed::kDropped) {
      dropped_.Add();
      processed_queue_full_.Add();
    } else if (pushed == Pushed::kBatchFull) {
      loop_.Post([this] { Pump(); });
    }
  }

  void Start() override { schedule_.Set(batching_.schedule_delay); }

  void Flush(MonotonicTime last, std::function<void()> done) override {
    flushed_.push_back(std::move(done));
    delivery_.EndBy(last);
    Pump();
  }

 private:
  void Pump() {
    if (delivery_.busy()) return;
    std::vector<Item> batch;
    if (due_ || !flushed_.empty() || queue_.HasFullBatch()) {
      batch = queue_.Take();
    }
    due_ = false;
    if (batch.empty()) {
      EndFlush();
      return;
    }
    processed_.Add(batch.size());
    std::vector<Request> requests;
    size_t too_large = 0;
    EncodeInto(absl::MakeConstSpan(batch), encode_, kMaxRequestBytes, requests,
               too_large);
    meters_.Dropped("too_large", too_large);
    delivery_.Deliver(std::move(requests), [this] { Pump(); });
  }

  void EndFlush() {
    if (flushed_.empty()) return;
    delivery_.EndBy(std::nullopt);
    for (auto& done : std::exchange(flushed_, {})) done();
  }

  const Batching batching_;
  const Encode encode_;
  Delivery& delivery_;
  Meters& meters_;
  Loop& loop_;
  telemetry::Counter& dropped_;
  telemetry::Counter& processed_;
  telemetry::Counter& processed_queue_full_;
  BatchQueue<Item> queue_;
  const telemetry::Observation observation_;
  bool due_ = false;
  std::vector<std::function<void()>> flushed_;  // those who wait for a Flush
  Timer schedule_;
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_RUN_QUEUED_SOURCE_H_
