#include "coord/limit/key_table.h"

#include <algorithm>

namespace outrigger::coord {

size_t KeyTable::Hash::operator()(uint32_t slot) const {
  return shard->at(slot).hash.low;
}

bool KeyTable::Equal::operator()(uint32_t a, const KeyHash& b) const {
  return shard->at(a).hash == b;
}

KeyTable::Shard::Shard() : index(0, Hash{this}, Equal{this}) {}

uint32_t KeyTable::Shard::Allocate() {
  if (!free.empty()) {
    const uint32_t slot = free.back();
    free.pop_back();
    return slot;
  }
  if (slots == chunks.size() * kChunk) {
    chunks.push_back(std::make_unique<KeyState[]>(kChunk));
  }
  return slots++;
}

KeyTable::KeyTable(size_t max_keys) : max_keys_(max_keys) {}

KeyTable::Locked::Locked(KeyTable& table, const KeyHash& hash,
                         uint16_t limit_id)
    : table_(table), shard_(table.ShardOf(hash)) {
  shard_.mutex.Lock();
  const auto it = shard_.index.find(hash);
  if (it != shard_.index.end()) {
    slot_ = *it;
    state_ = &shard_.at(slot_);
    return;
  }
  if (table_.size() >= table_.max_keys_) return;
  slot_ = shard_.Allocate();
  state_ = &shard_.at(slot_);
  *state_ = KeyState();
  state_->hash = hash;
  state_->limit_id = limit_id;
  state_->used = true;
  shard_.index.insert(slot_);
  table_.size_.fetch_add(1, std::memory_order_relaxed);
}

KeyTable::Locked::~Locked() { shard_.mutex.Unlock(); }

BusyKey& KeyTable::Locked::Busy() {
  if (state_->busy == nullptr) {
    state_->busy = std::make_unique<BusyKey>();
    shard_.mutex.AssertHeld();
    shard_.busy.push_back(slot_);
    table_.busy_.fetch_add(1, std::memory_order_relaxed);
  }
  return *state_->busy;
}

void KeyTable::VisitBusy(size_t shard_index, size_t count,
                         absl::FunctionRef<bool(KeyState&)> visit) {
  Shard& shard = shards_[shard_index];
  absl::MutexLock lock(&shard.mutex);
  size_t& at = shard.visit_from;
  count = std::min(count, shard.busy.size());
  for (; count > 0 && !shard.busy.empty(); --count) {
    if (at >= shard.busy.size()) at = 0;
    KeyState& state = shard.at(shard.busy[at]);
    if (visit(state)) {
      state.busy.reset();
      shard.busy[at] = shard.busy.back();
      shard.busy.pop_back();
      busy_.fetch_sub(1, std::memory_order_relaxed);
    } else {
      ++at;
    }
  }
}

void KeyTable::Sweep(size_t shard_index, size_t count,
                     absl::FunctionRef<bool(const KeyState&)> droppable) {
  Shard& shard = shards_[shard_index];
  absl::MutexLock lock(&shard.mutex);
  for (size_t i = 0; i < count && i < shard.slots; ++i) {
    if (shard.sweep_from >= shard.slots) shard.sweep_from = 0;
    const uint32_t slot = shard.sweep_from++;
    KeyState& state = shard.at(slot);
    if (!state.used || state.busy != nullptr || !droppable(state)) continue;
    shard.index.erase(shard.index.find(state.hash));
    state.used = false;
    shard.free.push_back(slot);
    size_.fetch_sub(1, std::memory_order_relaxed);
  }
}

}  // namespace outrigger::coord
