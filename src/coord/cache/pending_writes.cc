#include "coord/cache/pending_writes.h"

#include "cache/record.h"

namespace outrigger::coord {

bool PendingWrites::Add(PendingWrite write) {
  absl::MutexLock lock(&mutex_);
  const size_t bytes = write.request.record.size();
  if (waiting_.size() >= most_ || bytes_ + bytes > kMaxBytes) return false;
  bytes_ += bytes;
  ++keys_[write.request.key.key];
  unsettled_.Add(write.request.key);
  waiting_.push_back(std::move(write));
  return true;
}

bool PendingWrites::Has(const std::string& key) const {
  absl::MutexLock lock(&mutex_);
  return keys_.contains(key);
}

void PendingWrites::Supersede(const std::string& key, uint64_t version) {
  absl::MutexLock lock(&mutex_);
  if (!keys_.contains(key)) return;
  for (PendingWrite& write : waiting_) {
    if (write.request.key.key == key && write.version == 0) {
      write.version = version;
    }
  }
}

size_t PendingWrites::size() const {
  absl::MutexLock lock(&mutex_);
  return waiting_.size();
}

void PendingWrites::Flush(absl::AnyInvocable<void()> done) {
  {
    absl::MutexLock lock(&mutex_);
    done_.push_back(std::move(done));
    if (sending_) return;
    sending_ = true;
    ready_ = true;
  }
  Pump();
}

// A loop rather than a chain of calls: a store in memory answers within the
// call, and the queue may be long.
void PendingWrites::Pump() {
  {
    absl::MutexLock lock(&mutex_);
    if (pumping_) return;
    pumping_ = true;
  }
  for (;;) {
    bool over = false;
    {
      absl::MutexLock lock(&mutex_);
      if (!ready_) {  // waits for an answer, which pumps again
        pumping_ = false;
        return;
      }
      ready_ = false;
      over = waiting_.empty();
      if (over) pumping_ = false;
    }
    if (over) return Stop();
    SendFront();
  }
}

void PendingWrites::Stop() {
  std::vector<absl::AnyInvocable<void()>> done;
  {
    absl::MutexLock lock(&mutex_);
    sending_ = false;
    done.swap(done_);
  }
  for (auto& run : done) run();
}

// The front stays in the queue until it is where it belongs, so that nothing is
// lost or overtaken.
void PendingWrites::SendFront() {
  PendingWrite front;
  {
    absl::MutexLock lock(&mutex_);
    front = waiting_.front();
  }
  if (front.version == 0) {
    store_.Write(std::move(front.request),
                 [this](const absl::StatusOr<store::WriteReply>& reply) {
                   if (reply.ok()) {
                     absl::MutexLock lock(&mutex_);
                     waiting_.front().version = reply->version;
                     if (!waiting_.front().journal) DropFront();
                   }
                   OnSent(reply.ok());
                 });
    return;
  }
  const auto record = cache::DecodeRecord(front.request.record);
  store::JournalEntry entry;
  entry.key = front.request.key.key;
  entry.version = front.version;
  if (record.ok()) {
    entry.value = record->value;
    entry.absent = record->absent;
  }
  store_.Append(ns_, std::move(entry),
                [this](const absl::StatusOr<std::string>& id) {
                  if (id.ok()) {
                    absl::MutexLock lock(&mutex_);
                    DropFront();
                  }
                  OnSent(id.ok());
                });
}

void PendingWrites::DropFront() {
  const PendingWrite& front = waiting_.front();
  const std::string& key = front.request.key.key;
  bytes_ -= front.request.record.size();
  unsettled_.Remove(front.request.key);
  const auto found = keys_.find(key);
  if (--found->second == 0) keys_.erase(found);
  waiting_.pop_front();
}

void PendingWrites::OnSent(bool ok) {
  if (!ok) return Stop();
  {
    absl::MutexLock lock(&mutex_);
    ready_ = true;
  }
  Pump();
}

}  // namespace outrigger::coord
