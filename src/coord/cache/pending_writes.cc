#include "coord/cache/pending_writes.h"

#include <utility>

namespace outrigger::coord {

bool PendingWrites::Add(PendingWrite write) {
  absl::MutexLock lock(&mutex_);
  if (waiting_.size() >= most_) return false;
  waiting_.push_back(std::move(write));
  return true;
}

size_t PendingWrites::size() const {
  absl::MutexLock lock(&mutex_);
  return waiting_.size();
}

void PendingWrites::Flush() {
  {
    absl::MutexLock lock(&mutex_);
    if (sending_ || waiting_.empty()) return;
    sending_ = true;
  }
  SendFront();
}

void PendingWrites::Stop() {
  absl::MutexLock lock(&mutex_);
  sending_ = false;
}

// The front stays in the queue until the journal has it, so that nothing is
// lost or overtaken.
void PendingWrites::SendFront() {
  store::WriteRequest request;
  uint64_t written = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (waiting_.empty()) {
      sending_ = false;
      return;
    }
    const PendingWrite& front = waiting_.front();
    if (front.written) {
      written = front.entry.version;
    } else {
      request = front.request;
    }
  }
  if (written != 0) return AppendFront(written);
  store_.Write(std::move(request),
               [this](const absl::StatusOr<store::WriteReply>& reply) {
                 if (!reply.ok()) return Stop();
                 AppendFront(reply->version);
               });
}

void PendingWrites::AppendFront(uint64_t version) {
  store::JournalEntry entry;
  {
    absl::MutexLock lock(&mutex_);
    PendingWrite& front = waiting_.front();
    front.written = true;
    front.entry.version = version;
    entry = front.entry;
  }
  store_.Append(ns_, std::move(entry),
                [this](const absl::StatusOr<std::string>& id) {
                  if (!id.ok()) return Stop();
                  {
                    absl::MutexLock lock(&mutex_);
                    waiting_.pop_front();
                  }
                  SendFront();
                });
}

}  // namespace outrigger::coord
