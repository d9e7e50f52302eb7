// A TCP server that says what it is told to.
#ifndef OUTRIGGER_TESTS_HEALTH_SCRIPTED_SERVER_H_
#define OUTRIGGER_TESTS_HEALTH_SCRIPTED_SERVER_H_

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <netinet/in.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "loop/loop.h"

namespace outrigger::health {

// Listens on 127.0.0.1 from its construction on.
class ScriptedServer {
 public:
  struct Script {
    std::string answer;    // to the first bytes; empty: none, ever
    bool hang_up = false;  // after the answer
  };

  explicit ScriptedServer(Script script) : script_(std::move(script)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener_ = evconnlistener_new_bind(
        loop_.base(),
        [](evconnlistener*, int fd, sockaddr*, int, void* self) {
          static_cast<ScriptedServer*>(self)->OnAccept(fd);
        },
        this, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 128,
        reinterpret_cast<sockaddr*>(&here), sizeof(here));
    socklen_t length = sizeof(here);
    getsockname(evconnlistener_get_fd(listener_),
                reinterpret_cast<sockaddr*>(&here), &length);
    port_ = ntohs(here.sin_port);
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~ScriptedServer() {
    loop_.Stop();
    thread_.join();
    for (bufferevent* connection : open_) bufferevent_free(connection);
    evconnlistener_free(listener_);
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void SetScript(Script script) {
    absl::MutexLock lock(&mutex_);
    script_ = std::move(script);
  }
  // What was sent on the latest connection that sent something.
  std::string heard() const {
    absl::MutexLock lock(&mutex_);
    return heard_;
  }
  // Most connections that were open at a time.
  size_t most() const {
    absl::MutexLock lock(&mutex_);
    return most_;
  }
  size_t now() const {
    absl::MutexLock lock(&mutex_);
    return now_;
  }

 private:
  void OnAccept(int fd) {
    bufferevent* const connection =
        bufferevent_socket_new(loop_.base(), fd, BEV_OPT_CLOSE_ON_FREE);
    open_.insert(connection);
    {
      absl::MutexLock lock(&mutex_);
      now_ = open_.size();
      most_ = std::max(most_, now_);
    }
    bufferevent_setcb(
        connection,
        [](bufferevent* bev, void* self) {
          static_cast<ScriptedServer*>(self)->OnRead(bev);
        },
        [](bufferevent* bev, void* self) {
          static_cast<ScriptedServer*>(self)->OnWritten(bev);
        },
        [](bufferevent* bev, short, void* self) {
          static_cast<ScriptedServer*>(self)->Close(bev);
        },
        this);
    bufferevent_enable(connection, EV_READ | EV_WRITE);
  }
  void OnRead(bufferevent* connection) {
    std::string bytes(evbuffer_get_length(bufferevent_get_input(connection)),
                      '\0');
    bufferevent_read(connection, bytes.data(), bytes.size());
    absl::MutexLock lock(&mutex_);
    heard_ = bytes;
    answered_.insert(connection);
    bufferevent_write(connection, script_.answer.data(), script_.answer.size());
  }
  // Perhaps also when nothing was written yet.
  void OnWritten(bufferevent* connection) {
    bool hang_up = false;
    {
      absl::MutexLock lock(&mutex_);
      hang_up = script_.hang_up && answered_.contains(connection);
    }
    if (hang_up) Close(connection);
  }
  void Close(bufferevent* connection) {
    open_.erase(connection);
    answered_.erase(connection);
    bufferevent_free(connection);
    absl::MutexLock lock(&mutex_);
    now_ = open_.size();
  }

  Loop loop_;
  evconnlistener* listener_ = nullptr;
  uint16_t port_ = 0;
  // The loop's thread's.
  std::set<bufferevent*> open_;
  std::set<bufferevent*> answered_;
  mutable absl::Mutex mutex_;
  Script script_ ABSL_GUARDED_BY(mutex_);
  std::string heard_ ABSL_GUARDED_BY(mutex_);
  size_t now_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t most_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace outrigger::health

#endif  // OUTRIGGER_TESTS_HEALTH_SCRIPTED_SERVER_H_
