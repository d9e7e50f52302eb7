#include "coord/cache/mark_book.h"

#include <algorithm>
#include <utility>

#include "limit/matcher.h"

namespace outrigger::coord {

void MarkBook::Forget() {
  absl::MutexLock lock(&mutex_);
  announced_.fetch_add(1, std::memory_order_acq_rel);
  current_.store(false, std::memory_order_release);
}

uint64_t MarkBook::BeginRead() { return announced(); }

MarkBook::News MarkBook::Apply(const store::Marks& marks, uint64_t read,
                               bool stays) {
  News news;
  absl::MutexLock lock(&mutex_);
  // An answer may be older than what is known; but not if it is all there is.
  if (read == announced() && marks.last < last()) BeginAnew();
  if (marks.last > last() || !begun()) {
    const uint32_t ordinal = this->ordinal() + 1;
    ApplyTags(marks, ordinal, &news);
    ApplyGlobs(marks, ordinal, &news);
    last_.store(marks.last, std::memory_order_release);
    ordinal_.store(ordinal, std::memory_order_release);
    begun_.store(true, std::memory_order_release);
  }
  if (stays && read == announced()) {
    current_.store(true, std::memory_order_release);
  }
  return news;
}

void MarkBook::BeginAnew() {
  tags_.clear();
  globs_.clear();
  floor_ = {};
  complete_after_ = {};
  last_.store(0, std::memory_order_release);
  begun_.store(false, std::memory_order_release);
}

void MarkBook::ApplyTags(const store::Marks& marks, uint32_t ordinal,
                         News* news) {
  if (marks.complete_after > last() || tags_.size() > kMaxTags) {
    // There is a gap, or too much: begin anew.
    tags_.clear();
    complete_after_ = {std::max(marks.complete_after, last()), ordinal};
  }
  if (!begun()) complete_after_.number = marks.complete_after;
  for (const store::Mark& mark : marks.tags) {
    if (mark.number <= last()) continue;
    Tag& tag = tags_[mark.name];
    (mark.soft ? tag.soft : tag.hard) = {mark.number, ordinal};
    news->tags.push_back(mark);
  }
}

void MarkBook::ApplyGlobs(const store::Marks& marks, uint32_t ordinal,
                          News* news) {
  std::vector<Glob> globs;
  for (const store::Mark& mark : marks.globs) {
    const auto known =
        std::find_if(globs_.begin(), globs_.end(), [&mark](const Glob& glob) {
          return glob.at.number == mark.number && glob.glob == mark.name;
        });
    const uint32_t at = known == globs_.end() ? ordinal : known->at.ordinal;
    news->globs = news->globs || known == globs_.end();
    globs.push_back({{mark.number, at}, mark.soft, mark.name});
  }
  globs_ = std::move(globs);
  if (marks.floor > floor_.number) floor_ = {marks.floor, ordinal};
}

template <typename Since, typename Tags>
Verdict MarkBook::Judge(absl::string_view key, const Tags& tags,
                        Since since) const {
  if (floor_.number != 0 && since(floor_)) return Verdict::kDead;
  bool stale = false;
  for (const Glob& glob : globs_) {
    if (!since(glob.at) || !limit::GlobMatches(glob.glob, key)) continue;
    if (!glob.soft) return Verdict::kDead;
    stale = true;
  }
  for (const auto& name : tags) {
    const auto tag = tags_.find(name);
    if (tag == tags_.end()) continue;
    if (since(tag->second.hard)) return Verdict::kDead;
    stale = stale || since(tag->second.soft);
  }
  return stale ? Verdict::kStale : Verdict::kGood;
}

Verdict MarkBook::JudgeCopy(absl::string_view key,
                            absl::Span<const absl::string_view> tags,
                            uint32_t checked) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Verdict verdict = Judge(key, tags, [checked](const Point& point) {
    return point.ordinal > checked;
  });
  if (verdict == Verdict::kDead || tags.empty()) return verdict;
  return complete_after_.ordinal > checked ? Verdict::kUnknown : verdict;
}

Verdict MarkBook::JudgeRecord(absl::string_view key,
                              absl::Span<const std::string> tags,
                              uint64_t as_of) const {
  absl::ReaderMutexLock lock(&mutex_);
  const Verdict verdict = Judge(
      key, tags, [as_of](const Point& point) { return point.number > as_of; });
  if (verdict == Verdict::kDead || tags.empty()) return verdict;
  return as_of < complete_after_.number ? Verdict::kUnknown : verdict;
}

Verdict MarkBook::JudgeTags(absl::Span<const store::TagMarks> tags,
                            uint64_t as_of) {
  bool stale = false;
  for (const store::TagMarks& tag : tags) {
    if (tag.hard > as_of) return Verdict::kDead;
    stale = stale || tag.soft > as_of;
  }
  return stale ? Verdict::kStale : Verdict::kGood;
}

}  // namespace outrigger::coord
