#include "cache/l1/index.h"

#include <cassert>
#include <utility>

namespace outrigger::cache {

bool Index::Insert(uint64_t hash, Node* node) {
  uint64_t slot = Wanted(hash) | Node::Pack(node);
  // Where the run of those that are moved starts, and where it ends, before
  // anything is: a distance that does not fit in its bits must change nothing.
  size_t at = Home(hash);
  while ((slots_[at] & kDistanceMask) >= (slot & kDistanceMask)) {
    if ((slot & kDistanceMask) == kFurthest) return false;
    slot += kOneFurther;
    at = Next(at);
  }
  for (size_t end = at; slots_[end] != 0; end = Next(end)) {
    if ((slots_[end] & kDistanceMask) == kFurthest) return false;
  }
  while (slots_[at] != 0) {
    std::swap(slot, slots_[at]);
    slot += kOneFurther;
    at = Next(at);
  }
  slots_[at] = slot;
  ++count_;
  return true;
}

size_t Index::PlaceOf(uint64_t hash, const Node* node) const {
  const uint64_t packed = Node::Pack(node);
  size_t at = Home(hash);
  while ((slots_[at] & (kOneFurther - 1)) != packed) at = Next(at);
  return at;
}

void Index::Replace(uint64_t hash, const Node* old, Node* fresh) {
  uint64_t& slot = slots_[PlaceOf(hash, old)];
  slot = (slot & ~(kOneFurther - 1)) | Node::Pack(fresh);
}

void Index::Erase(uint64_t hash, const Node* node) {
  size_t at = PlaceOf(hash, node);
  // Those behind it that are not at home move up.
  for (size_t next = Next(at); (slots_[next] & kDistanceMask) > kOneFurther;
       next = Next(next)) {
    slots_[at] = slots_[next] - kOneFurther;
    at = next;
  }
  slots_[at] = 0;
  --count_;
}

void Index::Clear() {
  slots_.reset();
  places_ = 0;
  count_ = 0;
}

void Index::Reserve(size_t places) {
  slots_ = std::make_unique<uint64_t[]>(places);
  places_ = places;
}

void Index::Swap(Index& other) {
  slots_.swap(other.slots_);
  std::swap(places_, other.places_);
  std::swap(count_, other.count_);
}

}  // namespace outrigger::cache
