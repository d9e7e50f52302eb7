// Takes turns: so many at a time, the others in order.
#ifndef OUTRIGGER_HEALTH_WATCH_TURNS_H_
#define OUTRIGGER_HEALTH_WATCH_TURNS_H_

#include <cstddef>
#include <deque>

#include "telemetry/instruments/counter.h"

namespace outrigger::health {

// On one thread.
class Turns {
 public:
  class Taker {
   public:
    virtual ~Taker() = default;
    // It has a turn, until GiveBack.
    virtual void OnTurn() = 0;
  };

  // `delayed` counts those who had to wait, and outlives it. REQUIRES: most >
  // 0.
  Turns(size_t most, telemetry::Counter& delayed)
      : most_(most), delayed_(delayed) {}

  // OnTurn follows, perhaps before this returns. REQUIRES: `taker` has no turn
  // and waits for none.
  void Take(Taker* taker);
  // It waits no more, if it did.
  void Withdraw(Taker* taker);
  // REQUIRES: one is taken.
  void GiveBack();

 private:
  void HandOut();

  const size_t most_;
  telemetry::Counter& delayed_;
  size_t taken_ = 0;
  bool handing_out_ = false;
  std::deque<Taker*> waiting_;
};

}  // namespace outrigger::health

#endif  // OUTRIGGER_HEALTH_WATCH_TURNS_H_
