// Turns an answer that comes by callback into one that is waited for.
#ifndef OUTRIGGER_TESTS_SUPPORT_AWAIT_H_
#define OUTRIGGER_TESTS_SUPPORT_AWAIT_H_

#include <future>
#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "support/wait_for.h"

namespace outrigger {

// Calls `start` with a callback, and waits until it has run. kAborted: it did
// not, for kPatience. A second run of the callback throws, and so fails the
// test.
template <typename T>
T Await(absl::AnyInvocable<void(absl::AnyInvocable<void(T)>)> start) {
  auto promise = std::make_shared<std::promise<T>>();
  std::future<T> answer = promise->get_future();
  start([promise](T value) { promise->set_value(std::move(value)); });
  if (answer.wait_for(kPatience) != std::future_status::ready) {
    return T(absl::AbortedError("the callback did not run"));
  }
  return answer.get();
}

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_AWAIT_H_
