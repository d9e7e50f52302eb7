// Keeps each namespace's MarkBook up to what the store has.
#ifndef OUTRIGGER_COORD_CACHE_MARKS_READER_H_
#define OUTRIGGER_COORD_CACHE_MARKS_READER_H_

#include <functional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "coord/cache/coherence.h"
#include "coord/cache/mark_book.h"
#include "coord/cache/space.h"
#include "store/cache_store.h"

namespace outrigger::coord {

// Thread-safe.
class MarksReader {
 public:
  using Known = absl::AnyInvocable<void(absl::Status)>;
  using OnNews = std::function<void(Space&, const MarkBook::News&)>;

  // `on_news` runs for what is newly invalid, before anybody is told that it is
  // known. References must outlive it.
  MarksReader(store::CacheStore& store, const Clock& clock,
              Coherence& coherence, OnNews on_news)
      : store_(store),
        clock_(clock),
        coherence_(coherence),
        on_news_(std::move(on_news)) {}

  // Runs `known` when the book has all that the store had when this was called:
  // at once while it is current, else after one question for all who wait.
  void WhenKnown(Space& space, Known known);
  // News was announced, or might have been: reads it.
  void Refresh(Space& space);

 private:
  struct Asked {
    std::vector<Known> now;   // for whom the question under way was sent
    std::vector<Known> next;  // who came after it was sent
  };

  void Ask(Space& space);
  void OnMarks(Space& space, uint64_t read, bool stays,
               absl::StatusOr<store::Marks> marks);

  store::CacheStore& store_;
  const Clock& clock_;
  Coherence& coherence_;
  const OnNews on_news_;
  absl::Mutex mutex_;
  absl::flat_hash_map<Space*, Asked> asked_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_MARKS_READER_H_
