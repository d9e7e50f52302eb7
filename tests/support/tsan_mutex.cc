// Teaches the thread sanitizer what absl::Mutex does.
//
// Debian's Abseil is not built with the sanitizer, so it does not see that a
// Mutex orders what threads do. The definitions here stand in front of the
// library's (a program's symbols win over a shared library's), call them, and
// tell the sanitizer. Linked into the tests of the tsan preset only.
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "absl/base/options.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

// Of the sanitizer's run time.
extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}

#define OUTRIGGER_TEXT_OF(x) #x
#define OUTRIGGER_TEXT(x) OUTRIGGER_TEXT_OF(x)

namespace {

// The library's function absl::Mutex::<suffix>, by its mangled name.
template <typename Function>
Function* Library(const char* suffix) {
  const char* space = OUTRIGGER_TEXT(ABSL_OPTION_INLINE_NAMESPACE_NAME);
  const std::string name = std::string("_ZN4absl") +
                           std::to_string(std::strlen(space)) + space +
                           "5Mutex" + suffix;
  void* symbol = dlsym(RTLD_NEXT, name.c_str());
  if (symbol == nullptr) std::abort();
  return reinterpret_cast<Function*>(symbol);
}

// Whoever releases a Mutex may evaluate the conditions of those who wait for
// it; those reads are ordered by the Mutex, in a way that is not told.
class ConditionsOfOthers {
 public:
  ConditionsOfOthers() { AnnotateIgnoreReadsBegin(__FILE__, __LINE__); }
  ~ConditionsOfOthers() { AnnotateIgnoreReadsEnd(__FILE__, __LINE__); }
};

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  static auto* const real = Library<void(Mutex*)>("4LockEv");
  real(this);
  __tsan_acquire(this);
}

void Mutex::Unlock() {
  static auto* const real = Library<void(Mutex*)>("6UnlockEv");
  __tsan_release(this);
  const ConditionsOfOthers ignored;
  real(this);
}

void Mutex::ReaderLock() {
  static auto* const real = Library<void(Mutex*)>("10ReaderLockEv");
  real(this);
  __tsan_acquire(this);
}

// What readers do is ordered before the next writer; that they are not ordered
// among themselves does not show, since they only read.
void Mutex::ReaderUnlock() {
  static auto* const real = Library<void(Mutex*)>("12ReaderUnlockEv");
  __tsan_release(this);
  const ConditionsOfOthers ignored;
  real(this);
}

void Mutex::Await(const Condition& condition) {
  static auto* const real =
      Library<void(Mutex*, const Condition&)>("5AwaitERKNS0_9ConditionE");
  __tsan_release(this);
  {
    const ConditionsOfOthers ignored;
    real(this, condition);
  }
  __tsan_acquire(this);
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  static auto* const real = Library<bool(Mutex*, const Condition&, Duration)>(
      "16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  __tsan_release(this);
  bool met;
  {
    const ConditionsOfOthers ignored;
    met = real(this, condition, timeout);
  }
  __tsan_acquire(this);
  return met;
}

ABSL_NAMESPACE_END
}  // namespace absl
