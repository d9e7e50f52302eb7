#include "coord/limit/question.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "coord/limit/local_decision.h"

namespace outrigger::coord {
namespace {

// After this many leases that did not suffice, the store decides itself.
constexpr int kMostAsks = 3;

// Whether `a` rather than `b` decided: a denial before an admission, then the
// longest wait, then the least left.
bool DecidesMore(const Part& a, const Part& b) {
  if (Denies(a) != Denies(b)) return Denies(a);
  if (Denies(a)) return a.verdict.retry_after_us > b.verdict.retry_after_us;
  return a.verdict.remaining < b.verdict.remaining;
}

void Count(const Part& part, bool allowed, bool local) {
  if (part.unlimited || !part.decided) return;
  if (!part.verdict.allowed) {
    (part.config->shadow ? part.state->shadow_denied : part.state->denied)
        ->Add();
  } else if (allowed) {
    part.state->allowed->Add();
  }
  if (part.degraded) part.state->degraded->Add();
  if (local) part.state->local->Add();
  if (part.shape->burst > 0) {
    part.state->used.Set(1 - part.verdict.remaining / part.shape->burst);
  }
}

}  // namespace

LimitAnswer DescribePart(const Part& part) {
  LimitAnswer answer;
  answer.name = part.state->name;
  answer.verdict = part.verdict;
  answer.burst = part.shape->burst;
  answer.window_us = part.shape->period_us;
  answer.shadow = part.config->shadow;
  answer.unlimited = part.unlimited;
  return answer;
}

void ConcludeAnswer(const Parts& parts, bool detail, bool local,
                    AllowAnswer* answer) {
  const Part* decided = nullptr;
  for (const Part& part : parts) {
    if (Denies(part)) answer->allowed = false;
    if (part.degraded) answer->degraded = true;
    if (part.unlimited || part.config->shadow || !part.decided) continue;
    if (decided == nullptr || DecidesMore(part, *decided)) decided = &part;
  }
  if (decided == nullptr && !parts.empty()) decided = &parts.front();
  if (decided != nullptr) answer->decided = DescribePart(*decided);
  for (const Part& part : parts) {
    Count(part, answer->allowed, local);
    if (detail && part.decided) answer->statuses.push_back(DescribePart(part));
  }
}

size_t Questions::size() const {
  absl::MutexLock lock(&mutex_);
  return parked_.size();
}

uint64_t Questions::Park(Shared question) {
  {
    absl::MutexLock lock(&mutex_);
    if (parked_.size() < max_parked_) {
      question->ticket = ++last_ticket_;
      parked_.emplace(question->ticket, question);
    }
  }
  if (question->ticket == 0) {
    refused_.Add();
    question->done(absl::ResourceExhaustedError(absl::StrCat(
        "too many calls are parked (server.max_parked is ", max_parked_, ")")));
    return 0;
  }
  const uint64_t ticket = question->ticket;
  GoOn(std::move(question));
  return ticket;
}

void Questions::Resume(Shared question, bool reached) {
  if (!reached) question->store_lost.store(true);
  if (question->pending.fetch_sub(1) == 1) GoOn(std::move(question));
}

void Questions::Refuse(const Shared& question) {
  GiveAllBack(question);
  refused_.Add();
  Answer(question, absl::ResourceExhaustedError(
                       "too many keys: this pod keeps state for as many as it "
                       "may"));
}

bool Questions::DecideParts(const Shared& question, std::vector<size_t>& leases,
                            std::vector<size_t>& exact) {
  const bool lost = question->store_lost.load();
  for (size_t i = 0; i < question->parts.size(); ++i) {
    Part& part = question->parts[i];
    if (part.unlimited) continue;
    if (question->denied && !question->detail) break;
    part.decided = false;  // an earlier round's verdict does not count
    // A shadow limit's tokens are not worth waiting for.
    const Ask ask{static_cast<double>(question->cost),
                  part.config->shadow ? 0 : question->max_wait_us, pod_.NowUs(),
                  /*again=*/true};
    Step step = DecideHere(pod_, ask, part);
    const bool asks = step == Step::kAskLease || step == Step::kAskStore;
    if (asks && (lost || !pod_.store->reachable())) {
      step = DecideWithoutStore(pod_, ask, part);
    }
    if (step == Step::kTableFull) {
      Refuse(question);
      return false;
    }
    question->denied = question->denied || Denies(part);
    const bool lease = step == Step::kAskLease && part.asks < kMostAsks;
    if (lease) {
      leases.push_back(i);
    } else if (step == Step::kAskLease || step == Step::kAskStore) {
      exact.push_back(i);
    }
  }
  return true;
}

void Questions::GoOn(Shared question) {
  const telemetry::ScopedSpan current(question->span);
  std::vector<size_t> leases, exact;
  if (!DecideParts(question, leases, exact)) return;
  if (question->denied) {
    GiveAllBack(question);
    exact.insert(exact.end(), leases.begin(), leases.end());
    if (!question->detail || exact.empty()) return Settle(question);
    AskStore(question, std::move(exact));  // only to tell what is left
  } else if (!leases.empty()) {
    // What was taken so far is for others to use while this one waits.
    GiveAllBack(question);
    AskForLeases(question, leases);
  } else if (!exact.empty()) {
    AskStore(question, std::move(exact));
  } else {
    Settle(question);
  }
}

void Questions::AskForLeases(const Shared& question,
                             const std::vector<size_t>& parts) {
  // One more than the answers to come, so that none of them goes on before all
  // have been asked for.
  question->pending.store(static_cast<int>(parts.size()) + 1);
  for (const size_t i : parts) {
    Part& part = question->parts[i];
    ++part.asks;
    const bool asked = keeper_.AskFor(part, static_cast<double>(question->cost),
                                      question->bucket_names[i], question);
    if (!asked) question->pending.fetch_sub(1);
  }
  Resume(question, true);
}

void Questions::AskStore(const Shared& question, std::vector<size_t> parts) {
  store::TakeRequest request;
  request.max_wait_us = question->max_wait_us;
  const double cost =
      question->denied ? 0 : static_cast<double>(question->cost);
  for (const size_t i : parts) {
    const Part& part = question->parts[i];
    request.items.push_back(
        {{question->bucket_names[i], *part.shape, part.config->adaptive},
         cost,
         part.config->shadow});
  }
  pod_.store->Take(std::move(request),
                   [this, question, parts = std::move(parts)](
                       absl::StatusOr<store::TakeReply> reply) {
                     OnTake(question, parts, reply);
                   });
}

void Questions::OnTake(const Shared& question, const std::vector<size_t>& parts,
                       const absl::StatusOr<store::TakeReply>& reply) {
  if (!reply.ok() || reply->verdicts.size() != parts.size()) {
    DecideLost(question, parts);
    return;
  }
  const int64_t now_us = pod_.NowUs();
  const bool took = reply->allowed && question->cost > 0 && !question->denied;
  for (size_t n = 0; n < parts.size(); ++n) {
    Part& part = question->parts[parts[n]];
    part.verdict = reply->verdicts[n];
    part.decided = true;
    if (part.verdict.allowed) {
      part.taken_from = took ? Source::kStore : Source::kNothing;
    } else if (!question->denied) {
      RememberDenial(pod_,
                     static_cast<double>(std::max<uint64_t>(1, question->cost)),
                     now_us, part);
    }
  }
  if (!reply->allowed) GiveAllBack(question);
  Settle(question);
}

void Questions::DecideLost(const Shared& question,
                           const std::vector<size_t>& parts) {
  const Ask ask{static_cast<double>(question->cost), question->max_wait_us,
                pod_.NowUs()};
  for (const size_t i : parts) {
    Part& part = question->parts[i];
    const Step step = DecideWithoutStore(pod_, ask, part);
    if (step == Step::kTableFull) return Refuse(question);
    question->denied = question->denied || Denies(part);
  }
  if (question->denied) GiveAllBack(question);
  Settle(question);
}

void Questions::GiveAllBack(const Shared& question) {
  for (size_t i = 0; i < question->parts.size(); ++i) {
    Part& part = question->parts[i];
    const bool from_store = part.taken_from == Source::kStore;
    GiveBack(pod_, static_cast<double>(question->cost), part);
    if (from_store) {
      pod_.store->Refund(
          {question->bucket_names[i], *part.shape, part.config->adaptive},
          static_cast<double>(question->cost), [](absl::Status) {});
    }
  }
}

void Questions::Settle(const Shared& question) {
  AllowAnswer answer;
  int64_t wait_us = 0;
  ConcludeAnswer(question->parts, question->detail, /*local=*/false, &answer);
  for (const Part& part : question->parts) {
    if (!part.verdict.allowed) continue;
    wait_us = std::max(wait_us, part.verdict.wait_us);
  }
  if (!answer.allowed || wait_us == 0) {
    Answer(question, std::move(answer));
    return;
  }
  answer.waited_us = wait_us;
  const MonotonicTime due = pod_.TimeOf(pod_.NowUs() + wait_us);
  absl::MutexLock lock(&question->mutex);
  if (question->answered) {  // gone meanwhile
    GiveAllBack(question);
    return;
  }
  question->timer =
      pod_.executor.RunAt(due, [this, question, answer = std::move(answer)] {
        Answer(question, answer);
      });
}

void Questions::Answer(const Shared& question,
                       absl::StatusOr<AllowAnswer> answer) {
  {
    absl::MutexLock lock(&question->mutex);
    if (question->answered) {
      if (answer.ok() && answer->allowed) GiveAllBack(question);
      return;
    }
    question->answered = true;
  }
  {
    absl::MutexLock lock(&mutex_);
    parked_.erase(question->ticket);
  }
  if (answer.ok() && answer->waited_us > 0) RecordWaits(question, *answer);
  question->done(std::move(answer));
}

void Questions::RecordWaits(const Shared& question, const AllowAnswer& answer) {
  for (const Part& part : question->parts) {
    if (part.state->name != answer.decided.name) continue;
    limits_.RecordWait(*part.state,
                       std::chrono::microseconds(answer.waited_us));
  }
}

void Questions::Cancel(uint64_t ticket) {
  Shared question;
  {
    absl::MutexLock lock(&mutex_);
    const auto it = parked_.find(ticket);
    if (it == parked_.end()) return;
    question = it->second;
    parked_.erase(it);
  }
  {
    absl::MutexLock lock(&question->mutex);
    if (question->answered) return;
    question->answered = true;
    // A reservation that is not due yet goes back; one whose timer runs right
    // now is given back by Answer.
    if (question->timer != 0 && pod_.executor.Cancel(question->timer)) {
      GiveAllBack(question);
    }
  }
  question->done(absl::CancelledError("the caller has gone"));
}

}  // namespace outrigger::coord
