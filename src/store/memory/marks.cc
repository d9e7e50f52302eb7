#include "store/memory/marks.h"

#include <algorithm>

namespace outrigger::store {

uint64_t MemoryMarks::Add(const MarkRequest& request, int64_t now_us) {
  const uint64_t number =
      std::max(marks_.last + 1, static_cast<uint64_t>(now_us));
  marks_.last = number;
  if (tags_.size() >= kMaxTags) {
    tags_.clear();
    marks_.floor = number;
  }
  for (const std::string& tag : request.tags) {
    TagMarks& last = tags_[tag];
    (request.soft ? last.soft : last.hard) = number;
    marks_.tags.push_back({number, request.soft, tag});
  }
  while (marks_.tags.size() > kMaxRecentTags) {
    marks_.complete_after = marks_.tags.front().number;
    marks_.tags.erase(marks_.tags.begin());
  }
  for (const std::string& glob : request.globs) {
    marks_.globs.push_back({number, request.soft, glob});
  }
  while (marks_.globs.size() > kMaxGlobs) {
    marks_.floor = marks_.globs.front().number;
    marks_.globs.erase(marks_.globs.begin());
  }
  return number;
}

TagMarks MemoryMarks::TagMarksOf(const std::string& tag) const {
  const auto it = tags_.find(tag);
  return it == tags_.end() ? TagMarks{} : it->second;
}

}  // namespace outrigger::store
