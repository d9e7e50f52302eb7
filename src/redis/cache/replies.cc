#include "redis/cache/replies.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "redis/cache/calls.h"

namespace outrigger::redis {
namespace {

using store::AcquireReply;

absl::Status Nonsense(absl::string_view what) {
  return absl::InternalError(absl::StrCat("Redis holds unreadable ", what));
}

// The text up to the next space, which is taken off.
absl::string_view Word(absl::string_view* text) {
  const size_t space = text->find(' ');
  const absl::string_view word = text->substr(0, space);
  text->remove_prefix(space == absl::string_view::npos ? text->size()
                                                       : space + 1);
  return word;
}

// "number soft name"; the name may hold anything.
bool ParseMark(absl::string_view text, store::Mark* mark) {
  if (!absl::SimpleAtoi(Word(&text), &mark->number)) return false;
  const absl::string_view soft = Word(&text);
  if (soft != "0" && soft != "1") return false;
  mark->soft = soft == "1";
  mark->name = std::string(text);
  return true;
}

bool AddMarks(const std::vector<Reply>& elements, size_t from,
              std::vector<store::Mark>* marks) {
  for (size_t i = from; i < elements.size(); ++i) {
    if (!ParseMark(elements[i].text, &marks->emplace_back())) return false;
  }
  return true;
}

bool IsEntry(const Reply& reply) {
  return reply.IsArray() && reply.elements.size() == 2 &&
         reply.elements[0].IsString() && reply.elements[1].IsArray();
}

// False: it lacks something.
bool ParseEntry(Reply& reply, store::JournalEntry* entry) {
  entry->id = std::move(reply.elements[0].text);
  std::vector<Reply>& fields = reply.elements[1].elements;
  bool has_key = false, has_value = false, has_version = false;
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    const std::string& name = fields[i].text;
    std::string& value = fields[i + 1].text;
    if (name == kJournalKey) {
      entry->key = std::move(value);
      has_key = true;
    } else if (name == kJournalValue) {
      entry->value = std::move(value);
      has_value = true;
    } else if (name == kJournalVersion) {
      has_version = absl::SimpleAtoi(value, &entry->version);
    } else if (name == kJournalAbsent) {
      entry->absent = value == "1";
    }
  }
  return has_key && has_value && has_version;
}

}  // namespace

absl::StatusOr<std::string> ParseRecord(Reply reply) {
  if (reply.IsNil()) return std::string();
  if (!reply.IsString()) return Nonsense("values");
  return std::move(reply.text);
}

absl::StatusOr<AcquireReply> ParseAcquire(Reply reply, uint64_t nonce) {
  if (!reply.IsArray() || reply.elements.size() != 4) {
    return Nonsense("leases");
  }
  std::vector<Reply>& words = reply.elements;
  if (!words[0].IsInteger() || words[0].integer < 0 || words[0].integer > 2 ||
      !words[1].IsString() || !words[2].IsInteger() || words[2].integer < 0 ||
      !words[3].IsInteger()) {
    return Nonsense("leases");
  }
  AcquireReply acquired;
  acquired.kind = static_cast<AcquireReply::Kind>(words[0].integer);
  acquired.record = std::move(words[1].text);
  if (acquired.kind == AcquireReply::Kind::kLease) {
    acquired.token = {static_cast<uint64_t>(words[2].integer), nonce};
  }
  acquired.wait_us = words[3].integer;
  return acquired;
}

absl::StatusOr<store::WriteReply> ParseWrite(const Reply& reply) {
  if (!reply.IsArray() || reply.elements.size() != 2 ||
      !reply.elements[0].IsInteger() || !reply.elements[1].IsInteger() ||
      reply.elements[1].integer < 0) {
    return Nonsense("versions");
  }
  return store::WriteReply{reply.elements[0].integer == 1,
                           static_cast<uint64_t>(reply.elements[1].integer)};
}

absl::StatusOr<bool> ParseBool(const Reply& reply) {
  if (!reply.IsInteger()) return Nonsense("values");
  return reply.integer != 0;
}

absl::StatusOr<uint64_t> ParseMarkNumber(const Reply& reply) {
  uint64_t number = 0;
  if (!reply.IsString() || !absl::SimpleAtoi(reply.text, &number)) {
    return Nonsense("marks");
  }
  return number;
}

absl::StatusOr<store::Marks> ParseMarks(const Reply& reply) {
  if (!reply.IsArray() || reply.elements.size() != 2 ||
      !reply.elements[0].IsArray() || !reply.elements[1].IsArray()) {
    return Nonsense("marks");
  }
  store::Marks marks;
  const std::vector<Reply>& tags = reply.elements[0].elements;
  if (!tags.empty()) {
    absl::string_view head = tags[0].text;
    if (!absl::SimpleAtoi(Word(&head), &marks.last) ||
        !absl::SimpleAtoi(Word(&head), &marks.complete_after) ||
        !absl::SimpleAtoi(Word(&head), &marks.floor)) {
      return Nonsense("marks");
    }
  }
  if (!AddMarks(tags, 1, &marks.tags) ||
      !AddMarks(reply.elements[1].elements, 0, &marks.globs)) {
    return Nonsense("marks");
  }
  return marks;
}

absl::StatusOr<std::vector<store::TagMarks>> ParseTags(const Reply& reply,
                                                       size_t tags) {
  if (!reply.IsArray() || reply.elements.size() != tags) {
    return Nonsense("marks");
  }
  std::vector<store::TagMarks> found(tags);
  for (size_t i = 0; i < tags; ++i) {
    if (reply.elements[i].IsNil()) continue;
    absl::string_view text = reply.elements[i].text;
    if (!absl::SimpleAtoi(Word(&text), &found[i].hard) ||
        !absl::SimpleAtoi(Word(&text), &found[i].soft)) {
      return Nonsense("marks");
    }
  }
  return found;
}

absl::StatusOr<std::string> ParseId(Reply reply) {
  if (!reply.IsString()) return Nonsense("journals");
  return std::move(reply.text);
}

absl::StatusOr<std::vector<store::JournalEntry>> ParseEntries(Reply reply) {
  if (!reply.IsArray()) return Nonsense("journals");
  std::vector<store::JournalEntry> entries;
  for (Reply& element : reply.elements) {
    if (!IsEntry(element)) return Nonsense("journals");
    store::JournalEntry entry;
    if (ParseEntry(element, &entry)) entries.push_back(std::move(entry));
  }
  return entries;
}

absl::StatusOr<std::vector<store::HotKey>> ParseHotKeys(Reply reply, int most) {
  if (!reply.IsArray()) return Nonsense("hot keys");
  std::vector<store::HotKey> keys;
  for (size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
    store::HotKey key;
    key.key = std::move(reply.elements[i].text);
    if (!absl::SimpleAtod(reply.elements[i + 1].text, &key.reads)) {
      return Nonsense("hot keys");
    }
    if (key.key.empty() || keys.size() >= static_cast<size_t>(most)) continue;
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace outrigger::redis
