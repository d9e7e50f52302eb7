#include "coord/cache/pulls.h"

#include <algorithm>
#include <utility>

namespace outrigger::coord {

Cache::Ticket Pulls::Pull(const Cache::PullQuery& query, Done done) {
  Cache::Ticket ticket = 0;
  auto waiting = std::make_shared<Waiting>();
  waiting->request.ns = std::string(query.ns);
  waiting->request.consumer = std::string(query.consumer);
  waiting->request.most = query.most;
  waiting->request.take_over_after_ms = kTakeOverAfterMs;
  // What it has not acknowledged by now it may have lost.
  waiting->request.again = true;
  waiting->until = clock_.Now() + query.wait;
  waiting->done = std::move(done);
  {
    absl::MutexLock lock(&mutex_);
    ticket = ++last_;
    if (waiting_.size() < most_) {
      waiting_.emplace(ticket, std::move(waiting));
    }
  }
  if (waiting != nullptr) {
    refused_.Add();
    waiting->done(absl::ResourceExhaustedError("too many pulls are waiting"));
    return ticket;
  }
  if (query.ack.empty()) {
    Ask(ticket);
  } else {
    store_.Acknowledge(std::string(query.ns), query.ack,
                       [this, ticket](const absl::Status& status) {
                         if (status.ok()) return Ask(ticket);
                         OnPulled(ticket, status);
                       });
  }
  return ticket;
}

void Pulls::Ask(Cache::Ticket ticket) {
  store::PullRequest request;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = waiting_.find(ticket);
    if (found == waiting_.end()) return;
    Waiting& waiting = *found->second;
    if (waiting.asking) {
      waiting.again = true;
      return;
    }
    waiting.asking = true;
    waiting.again = false;
    if (waiting.timer != 0) executor_.Cancel(waiting.timer);
    waiting.timer = 0;
    request = waiting.request;
  }
  store_.Pull(
      std::move(request),
      [this, ticket](absl::StatusOr<std::vector<store::JournalEntry>> entries) {
        OnPulled(ticket, std::move(entries));
      });
}

void Pulls::OnPulled(Cache::Ticket ticket,
                     absl::StatusOr<std::vector<store::JournalEntry>> entries) {
  Done done;
  bool again = false;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = waiting_.find(ticket);
    if (found == waiting_.end()) return;  // cancelled: they come again
    Waiting& waiting = *found->second;
    waiting.asking = false;
    const MonotonicTime now = clock_.Now();
    const bool over = draining_ || now >= waiting.until;
    if ((entries.ok() && !entries->empty()) || over) {
      done = std::move(waiting.done);
      waiting_.erase(found);
    } else if (waiting.again) {
      again = true;
    } else {
      // A store that is out of reach is asked again, too.
      waiting.timer = executor_.RunAt(std::min(waiting.until, now + kLookEvery),
                                      [this, ticket] { Ask(ticket); });
    }
  }
  if (again) return Ask(ticket);
  if (!done) return;
  if (!entries.ok()) entries = std::vector<store::JournalEntry>();
  done(*std::move(entries));
}

void Pulls::Cancel(Cache::Ticket ticket) {
  Done done;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = waiting_.find(ticket);
    if (found == waiting_.end()) return;
    if (found->second->timer != 0) executor_.Cancel(found->second->timer);
    done = std::move(found->second->done);
    waiting_.erase(found);
  }
  done(absl::CancelledError("the consumer has gone"));
}

void Pulls::Wake(const std::string& ns) {
  std::vector<Cache::Ticket> tickets;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [ticket, waiting] : waiting_) {
      if (waiting->request.ns == ns) tickets.push_back(ticket);
    }
  }
  for (const Cache::Ticket ticket : tickets) Ask(ticket);
}

void Pulls::Drain() {
  std::vector<Done> ended;
  {
    absl::MutexLock lock(&mutex_);
    draining_ = true;
    for (auto& [ticket, waiting] : waiting_) {
      if (waiting->timer != 0) executor_.Cancel(waiting->timer);
      ended.push_back(std::move(waiting->done));
    }
    waiting_.clear();
  }
  for (Done& done : ended) done(std::vector<store::JournalEntry>());
}

}  // namespace outrigger::coord
