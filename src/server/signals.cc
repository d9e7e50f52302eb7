#include "server/signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <thread>
#include <utility>

namespace outrigger::server {
namespace {

int BlockAndOpen() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return signalfd(-1, &set, SFD_CLOEXEC);
}

}  // namespace

Signals::Signals() : signals_(BlockAndOpen()) {}

Signals::~Signals() { close(signals_); }

int Signals::Next() {
  signalfd_siginfo info;
  while (read(signals_, &info, sizeof(info)) != sizeof(info)) {
  }
  return static_cast<int>(info.ssi_signo);
}

void Signals::WaitForStop(absl::AnyInvocable<void()> hangup) {
  while (Next() == SIGHUP) hangup();
}

bool Signals::WaitFor(absl::AnyInvocable<void()> work) {
  const int done = eventfd(0, EFD_CLOEXEC);
  std::thread thread([&work, done] {
    work();
    eventfd_write(done, 1);
  });
  pollfd events[] = {{done, POLLIN, 0}, {signals_, POLLIN, 0}};
  bool finished = false;
  bool stop = false;
  while (!finished && !stop) {
    if (poll(events, 2, -1) < 0) continue;  // interrupted
    finished = (events[0].revents & POLLIN) != 0;
    stop = !finished && Next() != SIGHUP;
  }
  if (!finished) {
    thread.detach();
    return false;
  }
  thread.join();
  close(done);
  return true;
}

}  // namespace outrigger::server
