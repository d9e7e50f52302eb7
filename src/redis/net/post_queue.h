// Hands commands from many threads to one.
#ifndef OUTRIGGER_REDIS_NET_POST_QUEUE_H_
#define OUTRIGGER_REDIS_NET_POST_QUEUE_H_

#include <atomic>

#include "redis/wire/command.h"

namespace outrigger::redis {

// A stack that is taken whole, then turned round (Treiber, "Systems
// programming: coping with parallelism", 1986). Taking all at once rules out
// the ABA problem. Lock-free; owns what is in it.
class PostQueue {
 public:
  ~PostQueue() {
    for (Command* command = TakeAll(); command != nullptr;) {
      delete std::exchange(command, command->next_posted);
    }
  }

  // Any thread. True if the queue was empty: then the reader must be woken.
  bool Push(std::unique_ptr<Command> command) {
    Command* const pushed = command.release();
    Command* head = head_.load(std::memory_order_relaxed);
    do {
      pushed->next_posted = head;
    } while (!head_.compare_exchange_weak(
        head, pushed, std::memory_order_release, std::memory_order_relaxed));
    return head == nullptr;  // `pushed` itself is the reader's by now
  }

  // The reader. The oldest first, linked by next_posted; the caller owns them.
  Command* TakeAll() {
    Command* newest = head_.exchange(nullptr, std::memory_order_acquire);
    Command* oldest = nullptr;
    while (newest != nullptr) {
      Command* const next = newest->next_posted;
      newest->next_posted = oldest;
      oldest = newest;
      newest = next;
    }
    return oldest;
  }

 private:
  std::atomic<Command*> head_{nullptr};
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_POST_QUEUE_H_
