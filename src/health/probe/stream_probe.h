// A check over a socket: connect, say something, judge the answer.
#ifndef OUTRIGGER_HEALTH_PROBE_STREAM_PROBE_H_
#define OUTRIGGER_HEALTH_PROBE_STREAM_PROBE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "health/probe/probe.h"
#include "health/talk/talk.h"
#include "health/target.h"
#include "loop/loop.h"
#include "loop/resolver.h"

struct event;

namespace outrigger::health {

// A new connection for each check. Of a name's addresses each is tried until
// one takes the connection.
class StreamProbe final : public Probe {
 public:
  // `loop` and `resolver` outlive it.
  StreamProbe(Loop& loop, Resolver& resolver, Target target, Talk talk)
      : loop_(loop),
        resolver_(resolver),
        target_(std::move(target)),
        talk_(std::move(talk)) {}
  ~StreamProbe() override { Cancel(); }

  void Start(Done done) override;
  void Cancel() override;

 private:
  void OnResolved(absl::StatusOr<std::vector<SocketAddress>> addresses);
  // Begins to connect to the next address that does not fail at once.
  void TryNext();
  bool BeginConnect(const SocketAddress& address);
  void OnWritable();
  void OnReadable();
  void Close();
  void Finish(const absl::Status& status);

  Loop& loop_;
  Resolver& resolver_;
  const Target target_;
  const Talk talk_;
  Done done_;  // null: none is under way
  std::unique_ptr<Resolver::Query> query_;
  std::vector<SocketAddress> addresses_;
  size_t next_ = 0;  // of addresses_
  absl::Status last_failure_;
  int fd_ = -1;
  event* event_ = nullptr;
  std::string answer_;
};

}  // namespace outrigger::health

#endif  // OUTRIGGER_HEALTH_PROBE_STREAM_PROBE_H_
