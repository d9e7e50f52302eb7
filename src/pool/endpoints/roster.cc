#include "pool/endpoints/roster.h"

#include <algorithm>

namespace outrigger::pool {

bool Roster::Configure(const std::vector<EndpointOptions>& configured,
                       MonotonicTime now) {
  const Addresses addresses = Resolved();
  configured_ = configured;
  absl::flat_hash_set<std::string> names;
  for (const EndpointOptions& o : configured_) names.insert(o.dns);
  absl::erase_if(resolved_, [&](const std::string& name) {
    return !names.contains(name);
  });
  const bool all = Assign(addresses, now);
  started_ = true;
  return all;
}

bool Roster::Resolve(absl::string_view dns, std::vector<std::string> addresses,
                     MonotonicTime now) {
  const bool known = std::any_of(
      configured_.begin(), configured_.end(),
      [&](const EndpointOptions& o) { return !o.dns.empty() && o.dns == dns; });
  if (!known) return true;
  // Servers shuffle them; the order here shall not change for that.
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()),
                  addresses.end());
  Addresses all = Resolved();
  all[std::string(dns)] = std::move(addresses);
  const bool fit = Assign(all, now);
  resolved_.insert(std::string(dns));
  return fit;
}

bool Roster::Assign(const Addresses& addresses, MonotonicTime now) {
  std::vector<Wanted> wanted = Want(addresses);
  // Too many: of DNS those that are new go first, the last ones before others.
  const bool fit = wanted.size() <= kMaxEndpoints;
  for (const bool fresh : {true, false}) {
    for (size_t i = wanted.size(); i-- > 0 && wanted.size() > kMaxEndpoints;) {
      if (wanted[i].key.first.empty() || wanted[i].fresh != fresh) continue;
      wanted.erase(wanted.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  Leave(wanted);
  live_.clear();
  by_address_.clear();
  for (const Wanted& w : wanted) {
    Endpoint& endpoint = w.fresh ? Add(w, now) : *seats_[w.seat];
    const std::string& address = w.key.second;
    endpoint.options = *w.configured;
    endpoint.options.address = address;
    live_.push_back(&endpoint);
    by_address_[address].push_back(SeatOf(endpoint.id));
  }
  return fit;
}

Roster::Addresses Roster::Resolved() const {
  Addresses addresses;
  for (const Endpoint* endpoint : live_) {
    if (endpoint->options.dns.empty()) continue;
    addresses[endpoint->options.dns].push_back(endpoint->options.address);
  }
  return addresses;
}

std::vector<Roster::Wanted> Roster::Want(const Addresses& addresses) const {
  absl::flat_hash_map<Key, Seat> seats;
  for (const Endpoint* endpoint : live_) {
    seats[{endpoint->options.dns, endpoint->options.address}] =
        SeatOf(endpoint->id);
  }
  std::vector<Wanted> wanted;
  const auto want = [&](const EndpointOptions& o, const std::string& address) {
    Key key(o.dns, address);
    const auto seat = seats.find(key);
    const bool fresh = seat == seats.end();
    wanted.push_back(
        {&o, std::move(key), fresh, fresh ? Seat{0} : seat->second});
  };
  for (const EndpointOptions& o : configured_) {
    if (o.dns.empty()) {
      want(o, o.address);
      continue;
    }
    const auto found = addresses.find(o.dns);
    if (found == addresses.end()) continue;
    for (const std::string& address : found->second) want(o, address);
  }
  return wanted;
}

// All leave but those who are wanted still.
void Roster::Leave(const std::vector<Wanted>& wanted) {
  SeatSet stay;
  for (const Wanted& w : wanted) {
    if (!w.fresh) stay.set(w.seat);
  }
  for (const Endpoint* endpoint : live_) {
    const Seat seat = SeatOf(endpoint->id);
    if (stay.test(seat)) continue;
    std::unique_ptr<Endpoint> gone = std::move(seats_[seat]);
    if (gone->in_use > 0) leaving_[gone->id] = std::move(gone);
  }
}

Endpoint& Roster::Add(const Wanted& wanted, MonotonicTime now) {
  const auto free = std::find(seats_.begin(), seats_.end(), nullptr);
  *free = std::make_unique<Endpoint>();
  Endpoint& endpoint = **free;
  endpoint.id =
      ++last_serial_ * kSeats + static_cast<EndpointId>(free - seats_.begin());
  const std::string& dns = wanted.key.first;
  // What was there from the start has been up for long, for all one knows.
  const bool was_there =
      !started_ || (!dns.empty() && !resolved_.contains(dns));
  if (!was_there) endpoint.well_since = now;
  return endpoint;
}

bool Roster::IsLive(EndpointId id) const {
  const std::unique_ptr<Endpoint>& endpoint = seats_[SeatOf(id)];
  return endpoint != nullptr && endpoint->id == id;
}

Endpoint* Roster::Find(EndpointId id) const {
  if (IsLive(id)) return seats_[SeatOf(id)].get();
  const auto found = leaving_.find(id);
  return found == leaving_.end() ? nullptr : found->second.get();
}

const std::vector<Seat>& Roster::SeatsOf(absl::string_view address) const {
  static const auto* const none = new std::vector<Seat>();
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? *none : found->second;
}

}  // namespace outrigger::pool
