// Finds the nodes of a shard by hash: an open-addressing table of 8-byte slots.
#ifndef OUTRIGGER_CACHE_L1_INDEX_H_
#define OUTRIGGER_CACHE_L1_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "cache/policy/node.h"

namespace outrigger::cache {

// Robin Hood hashing: a node lies at its home or as little behind it as can be,
// so that a search ends soon, nothing is left behind by removals, and, since a
// slot knows how far from home it is, none but Grow looks at the nodes of
// others. A slot holds
//
//     12 bits of the hash | 8 bits, the distance from home + 1 | 44 bits, where
//
// Full to 9/10, then an eighth larger: 8.9 to 10 bytes a node. Hashes must be
// evenly distributed: of more than 254 that are all but equal, it cannot hold
// all, however large. Not thread-safe. Owns no node.
class Index {
 public:
  // The first node with this hash (or one that looks like it) for which
  // `matches(node)`; null: none.
  template <typename Matches>
  Node* Find(uint64_t hash, const Matches& matches) const {
    if (places_ == 0) return nullptr;
    size_t at = Home(hash);
    for (uint64_t wanted = Wanted(hash);; wanted += kOneFurther) {
      const uint64_t slot = slots_[at];
      // Whoever is nearer to home than we would be, would have made way.
      if ((slot & kDistanceMask) < (wanted & kDistanceMask)) return nullptr;
      if (slot >> kAddressBits == wanted >> kAddressBits) {
        Node* const node = NodeOf(slot);
        if (matches(node)) return node;
      }
      if (++at == places_) at = 0;
    }
  }

  // Room for one more without growing?
  bool full() const { return count_ >= places_ / 10 * 9; }
  // REQUIRES: !full(), and that it is not in. False: not even then (a crowd of
  // like hashes); grow.
  bool Insert(uint64_t hash, Node* node);
  // Puts `fresh` in the place of `old`, which has this hash, too.
  void Replace(uint64_t hash, const Node* old, Node* fresh);
  // REQUIRES: it is in.
  void Erase(uint64_t hash, const Node* node);
  void Clear();

  // Makes room for an eighth more. `hash_of(node)` for all nodes.
  template <typename HashOf>
  void Grow(const HashOf& hash_of) {
    Index larger;
    size_t places = GrownPlaces();
    while (!larger.Refill(*this, places, hash_of)) {
      places += places / kGrowth;
      larger.Clear();
    }
    Swap(larger);
  }

  size_t count() const { return count_; }
  size_t places() const { return places_; }
  size_t bytes() const { return places_ * sizeof(uint64_t); }
  // What bytes() will be after Grow.
  size_t grown_bytes() const { return GrownPlaces() * sizeof(uint64_t); }

  // Null: nobody is there. REQUIRES: place < places().
  Node* At(size_t place) const {
    return slots_[place] == 0 ? nullptr : NodeOf(slots_[place]);
  }

 private:
  static constexpr int kAddressBits = Node::kPackedBits;
  static constexpr int kTagShift = kAddressBits + 8;
  static constexpr uint64_t kOneFurther = uint64_t{1} << kAddressBits;
  static constexpr uint64_t kDistanceMask = uint64_t{255} << kAddressBits;
  // One less than fits: a search may always go one further.
  static constexpr uint64_t kFurthest = uint64_t{254} << kAddressBits;
  static constexpr size_t kLeastPlaces = 30;
  static constexpr size_t kGrowth = 8;
  // How many nodes ahead are fetched while growing: about what memory takes.
  static constexpr size_t kAhead = 16;

  static Node* NodeOf(uint64_t slot) {
    return Node::Unpack(slot & (kOneFurther - 1));
  }
  // The upper bits say where, the lowest ones are the tag.
  size_t Home(uint64_t hash) const {
    return static_cast<size_t>(static_cast<unsigned __int128>(hash) * places_ >>
                               64);
  }
  // The slot of a node with this hash at its home, but for the address.
  static uint64_t Wanted(uint64_t hash) {
    return hash << kTagShift | kOneFurther;
  }
  size_t GrownPlaces() const {
    return places_ == 0 ? kLeastPlaces : places_ + places_ / kGrowth;
  }
  size_t Next(size_t at) const { return at + 1 == places_ ? 0 : at + 1; }
  size_t PlaceOf(uint64_t hash, const Node* node) const;
  void Reserve(size_t places);
  void Swap(Index& other);

  template <typename HashOf>
  bool Refill(const Index& from, size_t places, const HashOf& hash_of) {
    Reserve(places);
    for (size_t i = 0; i < from.places_; ++i) {
      if (i + kAhead < from.places_) {
        __builtin_prefetch(NodeOf(from.slots_[i + kAhead]));
      }
      Node* const node = from.At(i);
      if (node != nullptr && !Insert(hash_of(node), node)) return false;
    }
    return true;
  }

  std::unique_ptr<uint64_t[]> slots_;
  size_t places_ = 0;
  size_t count_ = 0;
};

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_L1_INDEX_H_
