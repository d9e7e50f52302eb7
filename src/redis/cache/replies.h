// What Redis answers about caches, as the store's replies. Every function gives
// kInternal for anything that our scripts and commands cannot have led to.
#ifndef OUTRIGGER_REDIS_CACHE_REPLIES_H_
#define OUTRIGGER_REDIS_CACHE_REPLIES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "redis/wire/reply.h"
#include "store/cache_store.h"

namespace outrigger::redis {

// GET's or GETRANGE's; empty: none.
absl::StatusOr<std::string> ParseRecord(Reply reply);
// cache_acquire.lua's.
absl::StatusOr<store::AcquireReply> ParseAcquire(Reply reply, uint64_t nonce);
// cache_write.lua's.
absl::StatusOr<store::WriteReply> ParseWrite(const Reply& reply);
// An integer that is 0 or 1.
absl::StatusOr<bool> ParseBool(const Reply& reply);
// cache_mark.lua's.
absl::StatusOr<uint64_t> ParseMarkNumber(const Reply& reply);
// cache_read_marks.lua's.
absl::StatusOr<store::Marks> ParseMarks(const Reply& reply);
// MGET's of `tags` tags.
absl::StatusOr<std::vector<store::TagMarks>> ParseTags(const Reply& reply,
                                                       size_t tags);
// XADD's.
absl::StatusOr<std::string> ParseId(Reply reply);
// cache_pull.lua's. Entries that are not ours are left out.
absl::StatusOr<std::vector<store::JournalEntry>> ParseEntries(Reply reply);
// ZREVRANGE's with scores, without the element that has no name.
absl::StatusOr<std::vector<store::HotKey>> ParseHotKeys(Reply reply, int most);

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_CACHE_REPLIES_H_
