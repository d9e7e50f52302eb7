// Does what entries want done: asks the store, sets timers, tells those who
// watch.
#ifndef OUTRIGGER_COORD_BREAKER_DRIVER_H_
#define OUTRIGGER_COORD_BREAKER_DRIVER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "coord/breaker/context.h"
#include "coord/breaker/entry/effects.h"
#include "coord/breaker/entry/entry.h"
#include "coord/breaker/table.h"
#include "coord/breaker/watches.h"
#include "store/breaker_store.h"

namespace outrigger::coord {

// Thread-safe. All that is passed must outlive it, and it must outlive the
// store's replies and the executor's timers.
class BreakerDriver final : public store::BreakerListener {
 public:
  BreakerDriver(BreakerContext& context, BreakerTable& table,
                BreakerWatches& watches)
      : context_(context), table_(table), watches_(watches) {}

  // Does `fx`, which `entry` has filled. With no lock held.
  void Do(BreakerEntry& entry, BreakerEffects fx);
  // Calls a method of the entry that fills effects, and does them.
  template <typename Method, typename... Args>
  void Call(BreakerEntry& entry, Method method, Args&&... args) {
    BreakerEffects fx;
    (entry.*method)(std::forward<Args>(args)..., &fx);
    Do(entry, std::move(fx));
  }

  // Tells methods of `whole` what they inherit.
  void TellMethods(const BreakerEntry& whole,
                   const std::vector<BreakerEntry*>& methods);
  // From now on those who watch are told now and then. After each Watch.
  void KeepTelling();

  void OnChanged(const std::vector<store::BreakerKey>& keys) override;
  void OnUnheard() override;
  void OnHeard() override;

 private:
  void AskStore(BreakerEntry& entry, BreakerEffects& fx);
  void TellMethods(BreakerEntry& entry);
  // The store has answered an entry, or has failed to; before the entry hears
  // of it, and after.
  void Note(bool ok);
  void NoteDone(bool ok);
  bool MustRetry() const;
  void RetryLater();
  // The next, going round, that has something to say; null: there is none.
  BreakerEntry* NextToRetry();
  void LookLater();
  void TellAll();

  BreakerContext& context_;
  BreakerTable& table_;
  BreakerWatches& watches_;
  std::atomic<bool> telling_{false};
  std::atomic<bool> retrying_{false};
  std::atomic<size_t> retried_{0};
  std::atomic<bool> unheard_{false};
  std::atomic<bool> looking_{false};  // a timer is set
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_BREAKER_DRIVER_H_
