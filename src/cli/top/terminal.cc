#include "cli/top/terminal.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace outrigger::cli {
namespace {

winsize Size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    size.ws_col = 80;
    size.ws_row = 24;
  }
  return size;
}

void Print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

Terminal::Terminal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGWINCH);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  is_terminal_ = tcgetattr(STDIN_FILENO, &before_) == 0;
  if (is_terminal_) {
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  Print("\x1b[?1049h\x1b[?25l");  // alternate screen, no cursor
}

Terminal::~Terminal() {
  Print("\x1b[?25h\x1b[?1049l");
  if (is_terminal_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  close(signals_);
}

int Terminal::width() const { return Size().ws_col; }
int Terminal::height() const { return Size().ws_row; }

void Terminal::Show(const std::string& text) {
  std::string screen = "\x1b[H";
  for (const char c : text) {
    if (c == '\n') {
      screen += "\x1b[K\r\n";  // clear what an older, longer line left
    } else {
      screen += c;
    }
  }
  Print(screen + "\x1b[J");
}

bool Terminal::Wait(Duration time) {
  pollfd events[] = {{signals_, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  // Without a terminal there are no keys: only signals.
  const nfds_t watched = is_terminal_ ? 2 : 1;
  if (poll(events, watched, static_cast<int>(ms)) <= 0) return true;
  if ((events[0].revents & POLLIN) != 0) {
    signalfd_siginfo info;
    return read(signals_, &info, sizeof(info)) == sizeof(info) &&
           info.ssi_signo == SIGWINCH;
  }
  char key = 'q';  // if it cannot be read: the terminal has gone
  if (read(STDIN_FILENO, &key, 1) != 1) return false;
  return key != 'q' && key != 'Q';
}

}  // namespace outrigger::cli
