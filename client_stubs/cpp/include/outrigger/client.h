// A client of the sidecar beside this process.
//
//   auto outrigger = outrigger::client::Client::Connect();
//   auto limiter = outrigger->limiter();
#ifndef OUTRIGGER_CLIENT_H_
#define OUTRIGGER_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "outrigger/answer.h"
#include "outrigger/breaker.h"
#include "outrigger/cache.h"
#include "outrigger/limiter.h"
#include "outrigger/options.h"
#include "outrigger/pool.h"

namespace outrigger::client {

// Clients of one target share a channel and a thread in a process. Nothing
// connects before the first call, and a sidecar that is not there yet, or is
// restarted, is no error: each part's policy answers meanwhile.
//
// Thread-safe. Not for use on both sides of a fork().
class Client {
 public:
  // kInvalidArgument: an option is out of its range.
  static absl::StatusOr<Client> Connect(Options options = {});

  Client(Client&& other) = default;
  Client& operator=(Client&& other);
  // Closes.
  ~Client();

  // Rate limits.
  Limiter limiter() const;
  // Cached values of a configured namespace.
  Cache cache(const std::string& name_space) const;
  // A configured breaker; `method` for those that are per_method. Make it once
  // and keep it: it remembers where its state is.
  Breaker breaker(const std::string& name,
                  const std::string& method = "") const;
  // A configured pool.
  Pool pool(const std::string& name) const;

  Stats stats() const;

  // Ends streams, gives back what is held, and waits until nothing is under
  // way: calls are answered by their policy, background loaders finish. Calls
  // afterwards are errors (kCancelled). Again is no error. From a callback of
  // this library's it does not wait.
  void Close();

 private:
  explicit Client(std::shared_ptr<internal::Session> session);

  std::shared_ptr<internal::Session> session_;
};

}  // namespace outrigger::client

#endif  // OUTRIGGER_CLIENT_H_
