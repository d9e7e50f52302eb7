// One client of the admin server: reads requests, sends answers, one at a time.
#ifndef OUTRIGGER_ADMIN_NET_CONNECTION_H_
#define OUTRIGGER_ADMIN_NET_CONNECTION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "absl/strings/string_view.h"
#include "admin/bounds.h"
#include "admin/http/head.h"
#include "admin/http/message.h"
#include "admin/net/tls.h"
#include "admin/route.h"
#include "base/clock.h"
#include "loop/loop.h"
#include "loop/timer.h"

struct bufferevent;

namespace outrigger::admin {

// All on the loop's thread.
class Connection {
 public:
  enum class State : uint8_t {
    kIdle,       // nothing of a request has come
    kReceiving,  // part of one has
    kHandling,   // a Later runs
    kSending,
    kClosing,  // all is sent, and what still comes is thrown away
  };

  // Who takes the requests.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual Outcome Answer(const Request& request) = 0;
    // A bound was reached: its name in Bounds.
    virtual void Refused(absl::string_view bound) = 0;
    // To be destroyed now. The connection does nothing after this.
    virtual void Ended(Connection& connection) = 0;
  };

  // Takes `socket`, which is non-blocking. `tls` null: plain. All references
  // must outlive the connection.
  Connection(Loop& loop, int socket, TlsContext* tls, const Bounds& bounds,
             const Clock& clock, Owner& owner);
  ~Connection();

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  State state() const { return state_; }
  // When it came into its state.
  MonotonicTime since() const { return since_; }
  // What of an answer has not left, in bytes.
  size_t unsent_bytes() const;

 private:
  void OnReadable();
  void OnAllSent();
  void OnEvent(short events);
  void OnDeadline();

  void Enter(State state, std::optional<Duration> deadline);
  // Each returns false if there is nothing more to do with what has come.
  bool ReadHead();
  bool ReadBody();
  void Handle();
  void Send(Response response);
  // Answers what cannot be read on from, and closes.
  void Refuse(absl::string_view bound, Response response);
  // Closes so that the client has the chance to read the answer.
  void CloseSoftly();
  void End() { owner_.Ended(*this); }

  const Bounds& bounds_;
  const Clock& clock_;
  Owner& owner_;
  bufferevent* const stream_;
  const bool tls_;
  Timer deadline_;

  State state_ = State::kIdle;
  MonotonicTime since_;
  std::optional<Head> head_;  // of the request that is being read or answered
  bool head_only_ = false;    // the client wants no body (HEAD)
  bool close_ = false;        // after this answer
  bool unread_ = false;       // part of the request is left unread
  std::function<Response()> finish_;  // of a Later
};

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_NET_CONNECTION_H_
