#include "cache/l1/shard.h"

namespace outrigger::cache {
namespace {

Entry* EntryOf(Node* node) { return static_cast<Entry*>(node); }

}  // namespace

// Entries that have left; freed when the lock has been given back, so declared
// before it is taken. They are strung together by their own links.
class L1Shard::Dropped {
 public:
  Dropped() = default;
  Dropped(const Dropped&) = delete;
  Dropped& operator=(const Dropped&) = delete;
  ~Dropped() {
    while (first_ != nullptr) {
      Node* const next = first_->next();
      (void)EntryRef::Adopt(EntryOf(first_));
      first_ = next;
    }
  }
  void Add(Node* node) {
    node->set_next(first_);
    first_ = node;
  }

 private:
  Node* first_ = nullptr;
};

L1Shard::L1Shard(Policy policy, const Capacity& most)
    : most_(most), policy_(MakePolicy(policy, *this)) {}

L1Shard::~L1Shard() { Clear(); }

uint64_t L1Shard::WeightOf(const Node& node) const {
  return static_cast<const Entry&>(node).bytes();
}

uint64_t L1Shard::HashOf(const Node& node) const {
  return L1::Hash(static_cast<const Entry&>(node).key());
}

Tick L1Shard::ExpiryOf(const Node& node) const {
  return static_cast<const Entry&>(node).fresh_until();
}

Entry* L1Shard::Lookup(absl::string_view key, uint64_t hash) const {
  return EntryOf(index_.Find(
      hash, [key](Node* node) { return EntryOf(node)->key() == key; }));
}

EntryRef L1Shard::Find(absl::string_view key, uint64_t hash, Tick now) {
  Dropped dropped;
  ShortLockHolder lock(&lock_);
  now_ = now;
  Entry* const entry = Lookup(key, hash);
  if (entry == nullptr) return {};
  if (!IsBefore(now, entry->dead_at())) {
    Remove(entry, hash, &dropped);
    ++expired_;
    return {};
  }
  policy_->OnHit(entry, hash);
  return EntryRef::Share(entry);
}

void L1Shard::Remove(Entry* entry, uint64_t hash, Dropped* dropped) {
  policy_->OnRemove(entry);
  index_.Erase(hash, entry);
  entry_bytes_ -= entry->bytes();
  dropped->Add(entry);
}

bool L1Shard::Insert(EntryRef entry, uint64_t hash) {
  Dropped dropped;
  ShortLockHolder lock(&lock_);
  Entry* const old = Lookup(entry->key(), hash);
  if (old == nullptr) return Add(std::move(entry), hash, &dropped);
  if (old->version() > entry->version()) return false;
  return Replace(old, std::move(entry), hash, &dropped);
}

bool L1Shard::Replace(Entry* old, EntryRef fresh, uint64_t hash,
                      Dropped* dropped) {
  const uint64_t bytes = fresh->bytes();
  if (bytes > old->bytes() && bytes + Overhead() > most_.weight) {
    // What is there is out of date all the same.
    Remove(old, hash, dropped);
    ++too_large_;
    return false;
  }
  Entry* const entry = fresh.Release();
  index_.Replace(hash, old, entry);
  policy_->OnReplace(old, entry);
  entry_bytes_ += bytes - old->bytes();
  dropped->Add(old);
  MakeRoom(0, dropped);
  return Lookup(entry->key(), hash) == entry;
}

bool L1Shard::Add(EntryRef entry, uint64_t hash, Dropped* dropped) {
  const uint64_t bytes = entry->bytes();
  policy_->OnMiss(hash);
  if (!MakeRoom(bytes, dropped)) {
    ++too_large_;
    return false;
  }
  Entry* const node = entry.Release();
  while (index_.full() || !index_.Insert(hash, node)) {
    index_.Grow([this](const Node* moved) { return HashOf(*moved); });
  }
  entry_bytes_ += bytes;
  policy_->OnInsert(node);
  if (HasRoom(0)) return true;
  // What the policy itself took was too much.
  MakeRoom(0, dropped);
  return Lookup(node->key(), hash) == node;
}

bool L1Shard::HasRoom(uint64_t incoming) const {
  const bool one_more = incoming > 0;
  const uint64_t index = one_more && index_.full()
                             ? index_.grown_bytes()
                             : static_cast<uint64_t>(index_.bytes());
  return index_.count() + (one_more ? 1 : 0) <= most_.count &&
         entry_bytes_ + incoming + index + policy_->bytes() <= most_.weight;
}

bool L1Shard::MakeRoom(uint64_t incoming, Dropped* dropped) {
  const uint64_t overhead = Overhead();
  if (incoming + overhead > most_.weight) return false;
  policy_->SetCapacity({most_.weight - overhead, most_.count});
  while (!HasRoom(incoming)) {
    Node* const victim = policy_->Evict(incoming);
    if (victim == nullptr) {
      // What is remembered of those that are gone does not go beyond it either.
      policy_->Clear();
      index_.Clear();
      return HasRoom(incoming);
    }
    index_.Erase(HashOf(*victim), victim);
    entry_bytes_ -= WeightOf(*victim);
    dropped->Add(victim);
    ++evicted_;
  }
  return true;
}

bool L1Shard::Erase(absl::string_view key, uint64_t hash) {
  Dropped dropped;
  ShortLockHolder lock(&lock_);
  Entry* const entry = Lookup(key, hash);
  if (entry == nullptr) return false;
  Remove(entry, hash, &dropped);
  return true;
}

bool L1Shard::EraseIf(const Entry& entry, uint64_t hash) {
  Dropped dropped;
  ShortLockHolder lock(&lock_);
  Entry* const there = Lookup(entry.key(), hash);
  if (there != &entry) return false;
  Remove(there, hash, &dropped);
  return true;
}

void L1Shard::Clear() {
  Dropped dropped;
  ShortLockHolder lock(&lock_);
  policy_->Clear();
  for (size_t place = 0; place < index_.places(); ++place) {
    if (Node* const node = index_.At(place)) dropped.Add(node);
  }
  index_.Clear();
  entry_bytes_ = 0;
}

size_t L1Shard::Sweep(Tick now, size_t places, size_t* place) {
  Dropped dropped;
  ShortLockHolder lock(&lock_);
  now_ = now;
  const size_t first = *place;
  for (size_t looked = 0; looked < places && *place < index_.places();
       ++looked) {
    Entry* const entry = EntryOf(index_.At(*place));
    if (entry != nullptr && !IsBefore(now, entry->dead_at())) {
      // Another may move to this place: it is looked at again.
      Remove(entry, HashOf(*entry), &dropped);
      ++expired_;
    } else {
      ++*place;
    }
  }
  const size_t moved = *place - first;
  if (*place >= index_.places()) *place = 0;
  return moved;
}

size_t L1Shard::places() const {
  ShortLockHolder lock(&lock_);
  return index_.places();
}

std::vector<EntryRef> L1Shard::Hot(size_t most) const {
  std::vector<EntryRef> hot;
  if (most == 0) return hot;
  hot.reserve(most);
  ShortLockHolder lock(&lock_);
  policy_->VisitHot([&](Node* node) {
    hot.push_back(EntryRef::Share(EntryOf(node)));
    return hot.size() < most;
  });
  return hot;
}

void L1Shard::AddTo(L1Stats* stats) const {
  ShortLockHolder lock(&lock_);
  stats->entries += index_.count();
  stats->bytes += entry_bytes_ + Overhead();
  stats->evicted += evicted_;
  stats->expired += expired_;
  stats->too_large += too_large_;
}

}  // namespace outrigger::cache
