// What the conformance suite drives; see tests/conformance/README.md.
#ifndef OUTRIGGER_AGENT_AGENT_H_
#define OUTRIGGER_AGENT_AGENT_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "outrigger/client.h"
#include "values.h"

namespace agent {

using outrigger::client::Client;

// The payload that marks a loader's own error.
inline constexpr char kLoader[] = "agent/loader";

// Thread-safe.
class Agent {
 public:
  // An operation's answer, or what the library said.
  using Answer = absl::StatusOr<Struct>;
  using Operation = Answer (*)(Agent&, const Arguments&);

  Agent();

  Answer Do(const std::string& operation, const Arguments& arguments);

  // Nothing is held any more, and the client is closed.
  void End();

  std::shared_ptr<Client> client() ABSL_LOCKS_EXCLUDED(mutex_);
  // Another client in its place.
  absl::Status Configure(outrigger::client::Options options)
      ABSL_LOCKS_EXCLUDED(mutex_);
  const outrigger::client::Options& options() const { return options_; }

  // Waits until `hold` is let go; empty: not at all.
  void WaitFor(const std::string& hold) ABSL_LOCKS_EXCLUDED(mutex_);
  void Unhold(const std::string& hold) ABSL_LOCKS_EXCLUDED(mutex_);

  void CountLoad(const std::string& name_space, const std::string& key)
      ABSL_LOCKS_EXCLUDED(mutex_);
  int Loads(const std::string& name_space, const std::string& key)
      ABSL_LOCKS_EXCLUDED(mutex_);

  void Keep(const std::string& name, outrigger::client::Lease lease)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Null: there is none of this name.
  std::shared_ptr<outrigger::client::Lease> Find(const std::string& name)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  outrigger::client::Options options_;
  absl::Mutex mutex_;
  std::shared_ptr<Client> client_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<std::string> let_go_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, int> loads_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<outrigger::client::Lease>> leases_
      ABSL_GUARDED_BY(mutex_);
};

// Of each part, by name.
using Operations = std::map<std::string, Agent::Operation>;
const Operations& LimitOperations();
const Operations& CacheOperations();
const Operations& BreakerOperations();
const Operations& PoolOperations();
const Operations& ClientOperations();

}  // namespace agent

#endif  // OUTRIGGER_AGENT_AGENT_H_
