#include "bench/load/meter.h"

#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace outrigger::bench {
namespace {

int64_t NanosOf(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

// All threads of a process, those that have ended included. 0 if it is gone.
int64_t CpuNanosOf(pid_t pid) {
  clockid_t clock;
  return clock_getcpuclockid(pid, &clock) == 0 ? NanosOf(clock) : 0;
}

int64_t Nanos(double seconds) { return static_cast<int64_t>(seconds * 1e9); }

}  // namespace

int64_t Now() { return NanosOf(CLOCK_MONOTONIC); }

void WaitUntil(int64_t nanos) {
  const timespec time{.tv_sec = nanos / kSecond, .tv_nsec = nanos % kSecond};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
}

Meter::Meter(Options options)
    : options_(std::move(options)),
      from_(Now() + Nanos(options_.warmup_seconds)),
      until_(from_ + Nanos(options_.seconds)) {}

void Meter::Watch(int64_t now, uint64_t ended, bool over) {
  if (!begin_ && now >= from_) {
    begin_ = TakeMark(ended);
    std::fputs("measuring\n", stderr);
  }
  if (begin_ && !end_ && (over || now >= until_)) end_ = TakeMark(ended);
}

Meter::Mark Meter::TakeMark(uint64_t ended) const {
  Mark mark;
  mark.at = Now();
  mark.ended = ended;
  for (const pid_t pid : options_.cpu_pids) mark.cpu.push_back(CpuNanosOf(pid));
  mark.own_cpu = CpuNanosOf(getpid());
  return mark;
}

std::string Meter::ToJson() const {
  std::vector<int64_t> cpu;
  for (size_t i = 0; i < begin_->cpu.size(); ++i)
    cpu.push_back(end_->cpu[i] - begin_->cpu[i]);
  return absl::StrCat("\"wall_ns\":", end_->at - begin_->at,
                      ",\"ended\":", end_->ended - begin_->ended,
                      ",\"cpu_ns\":[", absl::StrJoin(cpu, ","),
                      "],\"client_cpu_ns\":", end_->own_cpu - begin_->own_cpu);
}

}  // namespace outrigger::bench
