#include "admin/profile/sampler.h"

#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unwind.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <iterator>
#include <thread>

namespace outrigger::admin {
namespace {

// What the signal handler works with. It may run on any thread at any time, and
// so uses nothing but this and the unwinder, which takes no lock here
// (_dl_find_object, glibc 2.35) and does not allocate.
struct Shared {
  std::atomic<bool> taken{false};   // there is a Sampler
  std::atomic<bool> active{false};  // samples are wanted
  std::atomic<int> inside{0};       // handlers that run now
  std::atomic<size_t> used{0};      // words
  std::atomic<uint64_t> dropped{0};
  // Stacks one after another, each behind its length; 0: none (yet).
  std::atomic<uintptr_t>* words = nullptr;
};
Shared shared;

// Above the interrupted code's frames stand the handler's own.
constexpr size_t kOwnFrames = 8;

struct Walk {
  uintptr_t frames[Sampler::kMostFrames + kOwnFrames];
  size_t count = 0;
};

_Unwind_Reason_Code OnFrame(_Unwind_Context* context, void* argument) {
  auto* const walk = static_cast<Walk*>(argument);
  int before_instruction = 0;
  uintptr_t address = _Unwind_GetIPInfo(context, &before_instruction);
  if (address == 0) return _URC_END_OF_STACK;
  // A return address may be the next function's; one less is the call's.
  if (before_instruction == 0) --address;
  walk->frames[walk->count++] = address;
  return walk->count < std::size(walk->frames) ? _URC_NO_REASON
                                               : _URC_END_OF_STACK;
}

uintptr_t InterruptedAt(const void* context) {
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<uintptr_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return machine.pc;
#else
#error "Where does this processor keep its program counter?"
#endif
}

void TakeSample(const void* context) {
  Walk walk;
  _Unwind_Backtrace(OnFrame, &walk);
  const uintptr_t interrupted = InterruptedAt(context);
  const uintptr_t* const end = walk.frames + walk.count;
  const uintptr_t* first =
      std::find<const uintptr_t*>(walk.frames, end, interrupted);
  size_t count = std::min<size_t>(end - first, Sampler::kMostFrames);
  if (count == 0) {  // in code that says nothing about its frames
    first = &interrupted;
    count = 1;
  }
  const size_t at = shared.used.fetch_add(count + 1);
  if (at + count + 1 > Sampler::kMostWords) {
    shared.used.fetch_sub(count + 1);
    shared.dropped.fetch_add(1);
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    shared.words[at + 1 + i].store(first[i], std::memory_order_relaxed);
  }
  shared.words[at].store(count, std::memory_order_release);
}

__attribute__((noinline)) void OnSignal(int, siginfo_t*, void* context) {
  const int error = errno;
  shared.inside.fetch_add(1);
  if (shared.active.load()) TakeSample(context);
  shared.inside.fetch_sub(1);
  errno = error;
}

void SetTimer(Duration period) {
  itimerval timer{};
  timer.it_interval.tv_usec = static_cast<suseconds_t>(ToMicros(period));
  timer.it_value = timer.it_interval;
  setitimer(ITIMER_PROF, &timer, nullptr);
}

constexpr size_t kBytes = Sampler::kMostWords * sizeof(uintptr_t);

}  // namespace

std::unique_ptr<Sampler> Sampler::Start() {
  if (shared.taken.exchange(true)) return nullptr;
  void* const memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    shared.taken.store(false);
    return nullptr;
  }
  shared.words = static_cast<std::atomic<uintptr_t>*>(memory);
  shared.used.store(0);
  shared.dropped.store(0);
  // The first use of the unwinder may allocate: not in the handler.
  Walk walk;
  _Unwind_Backtrace(OnFrame, &walk);
  // The handler stays: a signal may still be on its way when the timer has
  // stopped, and would end the process.
  struct sigaction action {};
  action.sa_sigaction = OnSignal;
  action.sa_flags = SA_RESTART | SA_SIGINFO;
  sigaction(SIGPROF, &action, nullptr);
  shared.active.store(true);
  SetTimer(kPeriod);
  return std::unique_ptr<Sampler>(new Sampler);
}

void Sampler::StopTimer() {
  SetTimer(Duration::zero());
  shared.active.store(false);
  while (shared.inside.load() > 0) std::this_thread::yield();
}

std::vector<Stack> Sampler::Stop(uint64_t& dropped) {
  StopTimer();
  dropped = shared.dropped.load();
  std::vector<Stack> stacks;
  const size_t used = shared.used.load();
  for (size_t at = 0; at < used;) {
    const size_t count = shared.words[at].load(std::memory_order_acquire);
    Stack& stack = stacks.emplace_back();
    for (size_t i = 0; i < count; ++i) {
      stack.push_back(shared.words[at + 1 + i].load(std::memory_order_relaxed));
    }
    at += count + 1;
  }
  return stacks;
}

Sampler::~Sampler() {
  StopTimer();
  munmap(shared.words, kBytes);
  shared.words = nullptr;
  shared.taken.store(false);
}

}  // namespace outrigger::admin
