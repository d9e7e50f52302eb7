#include "pool/endpoints.h"

#include <algorithm>
#include <utility>

#include "pool/endpoints/chooser.h"
#include "pool/endpoints/endpoint.h"
#include "pool/endpoints/roster.h"

namespace outrigger::pool {

class Endpoints::Rep {
 public:
  Rep(const PoolOptions& options, MonotonicTime now) { Update(options, now); }

  void Update(const PoolOptions& fresh, MonotonicTime now);
  void End(EndpointId id, Outcome outcome, MonotonicTime now);
  bool OnCheck(absl::string_view address, bool passed,
               const std::string& message, MonotonicTime now);
  bool OnLoad(absl::string_view address, const EndpointLoad& load,
              MonotonicTime now);

  PoolOptions options;
  Roster roster;
  Chooser chooser{options, roster};
  uint64_t ejections = 0;

 private:
  void OnOutcome(Endpoint& endpoint, bool success, MonotonicTime now);
  bool MayEject(const Endpoint& endpoint, MonotonicTime now) const;
};

void Endpoints::Rep::Update(const PoolOptions& fresh, MonotonicTime now) {
  options = fresh;
  roster.Configure(options.endpoints, now);
  if (options.health.check == Check::kNone) {
    for (Endpoint* endpoint : roster.live()) endpoint->check.Forget();
  }
  chooser.OnMembers();
}

void Endpoints::Rep::End(EndpointId id, Outcome outcome, MonotonicTime now) {
  Endpoint* const endpoint = roster.Find(id);
  if (endpoint == nullptr) return;
  if (endpoint->in_use > 0) {
    --endpoint->in_use;
    chooser.OnUse(*endpoint);
  }
  if (outcome != Outcome::kIgnored) {
    OnOutcome(*endpoint, outcome == Outcome::kSuccess, now);
  }
  if (endpoint->in_use == 0 && !roster.IsLive(id)) roster.Forget(id);
}

void Endpoints::Rep::OnOutcome(Endpoint& endpoint, bool success,
                               MonotonicTime now) {
  ++(success ? endpoint.successes : endpoint.failures);
  if (!endpoint.outlier.OnOutcome(success, options.health, now)) return;
  if (!MayEject(endpoint, now)) {
    endpoint.outlier.Spare();
    return;
  }
  endpoint.outlier.Eject(options.health, now);
  endpoint.well_since = endpoint.outlier.until();
  ++ejections;
  chooser.Touch(endpoint, now);
}

bool Endpoints::Rep::MayEject(const Endpoint& endpoint,
                              MonotonicTime now) const {
  if (!roster.IsLive(endpoint.id)) return false;
  size_t all = 0;
  size_t ejected = 0;
  for (const Endpoint* other : roster.live()) {
    if (other->options.role != endpoint.options.role) continue;
    ++all;
    if (other->outlier.ejected(now)) ++ejected;
  }
  const double most = options.health.eject_share * static_cast<double>(all);
  return all > 1 && (ejected == 0 || static_cast<double>(ejected + 1) <= most);
}

bool Endpoints::Rep::OnCheck(absl::string_view address, bool passed,
                             const std::string& message, MonotonicTime now) {
  const std::vector<Seat>& seats = roster.SeatsOf(address);
  // A result that was under way while checks were turned off.
  if (options.health.check == Check::kNone) return !seats.empty();
  for (const Seat seat : seats) {
    Endpoint& endpoint = roster.at(seat);
    if (endpoint.check.OnResult(passed, message, options.health)) {
      endpoint.well_since = std::max(endpoint.well_since, now);
    }
    chooser.Touch(endpoint, now);
  }
  return !seats.empty();
}

bool Endpoints::Rep::OnLoad(absl::string_view address, const EndpointLoad& load,
                            MonotonicTime now) {
  const std::vector<Seat>& seats = roster.SeatsOf(address);
  for (const Seat seat : seats) {
    Endpoint& endpoint = roster.at(seat);
    endpoint.load.OnReport(load, options.thresholds, now);
    chooser.Touch(endpoint, now);
  }
  return !seats.empty();
}

Endpoints::Endpoints(const PoolOptions& options, MonotonicTime now)
    : rep_(std::make_unique<Rep>(options, now)) {}

Endpoints::~Endpoints() = default;

void Endpoints::Update(const PoolOptions& options, MonotonicTime now) {
  rep_->Update(options, now);
}

bool Endpoints::SetAddresses(absl::string_view dns,
                             std::vector<std::string> addresses,
                             MonotonicTime now) {
  const bool fit = rep_->roster.Resolve(dns, std::move(addresses), now);
  rep_->chooser.OnMembers();
  return fit;
}

bool Endpoints::empty() const { return rep_->options.endpoints.empty(); }

Choice Endpoints::Choose(const ChoiceQuery& query, MonotonicTime now) {
  return rep_->chooser.Choose(query, now);
}

void Endpoints::Begin(EndpointId id) {
  Endpoint* const endpoint = rep_->roster.Find(id);
  if (endpoint == nullptr) return;
  ++endpoint->in_use;
  rep_->chooser.OnUse(*endpoint);
}

void Endpoints::End(EndpointId id, Outcome outcome, MonotonicTime now) {
  rep_->End(id, outcome, now);
}

bool Endpoints::OnCheck(absl::string_view address, bool passed,
                        const std::string& message, MonotonicTime now) {
  return rep_->OnCheck(address, passed, message, now);
}

bool Endpoints::OnLoad(absl::string_view address, const EndpointLoad& load,
                       MonotonicTime now) {
  return rep_->OnLoad(address, load, now);
}

const EndpointOptions* Endpoints::Find(EndpointId id) const {
  const Endpoint* const endpoint = rep_->roster.Find(id);
  return endpoint == nullptr ? nullptr : &endpoint->options;
}

MonotonicTime Endpoints::next_change(MonotonicTime now) const {
  MonotonicTime next = MonotonicTime::max();
  for (const Endpoint* endpoint : rep_->roster.live()) {
    next = std::min(next, endpoint->NextUsable(rep_->options, now));
  }
  return next;
}

std::vector<EndpointView> Endpoints::View(MonotonicTime now) const {
  std::vector<EndpointView> views;
  for (const Endpoint* endpoint : rep_->roster.live()) {
    views.push_back(endpoint->View(rep_->options, now));
  }
  return views;
}

uint64_t Endpoints::ejections() const { return rep_->ejections; }

}  // namespace outrigger::pool
