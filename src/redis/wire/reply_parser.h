// Turns a server's bytes into replies.
#ifndef OUTRIGGER_REDIS_WIRE_REPLY_PARSER_H_
#define OUTRIGGER_REDIS_WIRE_REPLY_PARSER_H_

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "redis/wire/reply.h"

struct redisReader;

namespace outrigger::redis {

// Most bytes of one reply, as sent: a little more than the longest value of a
// cache. A longer one is an error of the server's.
inline constexpr size_t kMaxReplyBytes = 80 << 20;
// Most values in one reply, nested ones included.
inline constexpr size_t kMaxReplyValues = 1 << 20;

// Parses one connection's stream; a new connection needs a new parser. Uses
// hiredis' reader, but builds our own values: integers and short texts cost no
// allocation, and a server cannot make it reserve memory by announcing much.
// Not thread-safe.
class ReplyParser {
 public:
  ReplyParser();
  ~ReplyParser();
  ReplyParser(const ReplyParser&) = delete;
  ReplyParser& operator=(const ReplyParser&) = delete;

  // Takes in bytes as they came. False if there is no memory for them.
  bool Feed(absl::string_view bytes);

  // True: *reply holds the next whole reply. False: more bytes are needed.
  // kInternal: not RESP2, or more than the bounds allow; the stream cannot be
  // read any further.
  absl::StatusOr<bool> Next(Reply* reply);

  // Bytes that are no whole reply yet.
  size_t waiting() const;

 private:
  struct Building;  // the reply under construction

  std::unique_ptr<Building> building_;
  redisReader* reader_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_WIRE_REPLY_PARSER_H_
