#include "agent.h"

#include <cstdlib>
#include <utility>

namespace agent {

namespace oc = outrigger::client;

Agent::Agent() { client_ = std::make_shared<Client>(*Client::Connect()); }

Agent::Answer Agent::Do(const std::string& operation,
                        const Arguments& arguments) {
  for (const Operations* operations :
       {&LimitOperations(), &CacheOperations(), &BreakerOperations(),
        &PoolOperations(), &ClientOperations()}) {
    const auto found = operations->find(operation);
    if (found != operations->end()) return found->second(*this, arguments);
  }
  return absl::UnimplementedError("no such operation: " + operation);
}

void Agent::End() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  client()->Close();
}

std::shared_ptr<Client> Agent::client() {
  absl::MutexLock lock(&mutex_);
  return client_;
}

absl::Status Agent::Configure(oc::Options options) {
  absl::StatusOr<Client> made = Client::Connect(options);
  if (!made.ok()) return made.status();
  std::shared_ptr<Client> old = std::make_shared<Client>(*std::move(made));
  {
    absl::MutexLock lock(&mutex_);
    options_ = std::move(options);
    std::swap(old, client_);
  }
  old->Close();
  return absl::OkStatus();
}

void Agent::WaitFor(const std::string& hold) {
  if (hold.empty()) return;
  absl::MutexLock lock(&mutex_);
  const auto let_go = [this, &hold]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return ending_ || let_go_.contains(hold);
  };
  mutex_.Await(absl::Condition(&let_go));
}

void Agent::Unhold(const std::string& hold) {
  absl::MutexLock lock(&mutex_);
  let_go_.insert(hold);
}

void Agent::CountLoad(const std::string& name_space, const std::string& key) {
  absl::MutexLock lock(&mutex_);
  ++loads_[{name_space, key}];
}

int Agent::Loads(const std::string& name_space, const std::string& key) {
  absl::MutexLock lock(&mutex_);
  const auto found = loads_.find({name_space, key});
  return found == loads_.end() ? 0 : found->second;
}

void Agent::Keep(const std::string& name, oc::Lease lease) {
  auto kept = std::make_shared<oc::Lease>(std::move(lease));
  absl::MutexLock lock(&mutex_);
  std::swap(leases_[name], kept);
}

std::shared_ptr<oc::Lease> Agent::Find(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  const auto found = leases_.find(name);
  return found == leases_.end() ? nullptr : found->second;
}

}  // namespace agent
