#include "coord/cache/marks_reader.h"

#include <utility>

namespace outrigger::coord {

void MarksReader::WhenKnown(Space& space, Known known) {
  if (space.marks().current() && clock_.Now() < store_.heard_until()) {
    return known(absl::OkStatus());
  }
  {
    absl::MutexLock lock(&mutex_);
    auto [asked, first] = asked_.try_emplace(&space);
    if (!first) {
      asked->second.next.push_back(std::move(known));
      return;
    }
    asked->second.now.push_back(std::move(known));
  }
  Ask(space);
}

void MarksReader::Refresh(Space& space) {
  space.marks().Forget();
  WhenKnown(space, [](const absl::Status&) {});
}

void MarksReader::Ask(Space& space) {
  const uint64_t read = space.marks().BeginRead();
  const uint32_t state = coherence_.state();
  store_.ReadMarks(space.name(), [this, &space, read,
                                  state](absl::StatusOr<store::Marks> marks) {
    const bool stays =
        Coherence::IsVerified(state) && coherence_.state() == state;
    OnMarks(space, read, stays, std::move(marks));
  });
}

void MarksReader::OnMarks(Space& space, uint64_t read, bool stays,
                          absl::StatusOr<store::Marks> marks) {
  if (marks.ok()) {
    const MarkBook::News news = space.marks().Apply(*marks, read, stays);
    if (!news.tags.empty() || news.globs) on_news_(space, news);
  }
  std::vector<Known> known;
  bool again = false;
  {
    absl::MutexLock lock(&mutex_);
    const auto asked = asked_.find(&space);
    known = std::move(asked->second.now);
    asked->second.now = std::move(asked->second.next);
    asked->second.next.clear();
    again = !asked->second.now.empty();
    if (!again) asked_.erase(asked);
  }
  if (again) Ask(space);
  for (Known& run : known) run(marks.status());
}

}  // namespace outrigger::coord
