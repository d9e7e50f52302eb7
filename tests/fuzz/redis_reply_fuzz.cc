// Whatever a Redis server may send: parsed, and read as each kind of answer
// that we expect. Nothing may crash, hang, or reserve memory that was not sent.
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "redis/cache/layout.h"
#include "redis/cache/replies.h"
#include "redis/limits/replies.h"
#include "redis/wire/cluster_slots.h"
#include "redis/wire/reply_parser.h"
#include "redis/wire/server_error.h"

namespace outrigger::redis {
namespace {

void ReadAsEverything(const Reply& reply) {
  store::TakeRequest request;
  request.items.resize(1 + reply.text.size() / 64);
  (void)ParseTakeOne(reply, request);
  (void)ParseTake(reply, request);
  (void)ParseLease(reply, 1);
  (void)ParseAdjust(reply);
  (void)ParseClusterSlots(reply, Address{});
  (void)ParseRecord(reply);
  (void)ParseAcquire(reply, 1);
  (void)ParseWrite(reply);
  (void)ParseBool(reply);
  (void)ParseMarkNumber(reply);
  (void)ParseMarks(reply);
  (void)ParseTags(reply, reply.elements.size());
  (void)ParseId(reply);
  (void)ParseEntries(reply);
  (void)ParseHotKeys(reply, 10);
  (void)CacheLayout("outrigger").Parse(reply.text);
  if (reply.IsError()) {
    (void)ClassifyError(reply.text);
    (void)ParseRedirect(reply.text);
  }
}

}  // namespace
}  // namespace outrigger::redis

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using outrigger::redis::Reply;
  outrigger::redis::ReplyParser parser;
  // In two pieces: the reader must pick up in the middle of anything.
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const absl::string_view piece :
       {bytes.substr(0, size / 2), bytes.substr(size / 2)}) {
    if (!parser.Feed(piece)) return 0;
    for (;;) {
      Reply reply;
      const auto whole = parser.Next(&reply);
      if (!whole.ok()) return 0;
      if (!*whole) break;
      outrigger::redis::ReadAsEverything(reply);
    }
  }
  return 0;
}
