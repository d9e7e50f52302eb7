#include "redis/wire/reply_parser.h"

#include <hiredis/read.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outrigger::redis {

struct ReplyParser::Building {
  Reply root;
  size_t values = 0;

  // The place for a task's value; null if the reply has too many. An array's
  // elements are appended as they come: only the last one is under
  // construction, so growing never moves a value that a task points to.
  static Reply* Place(const redisReadTask* task) {
    auto* building = static_cast<Building*>(task->privdata);
    if (++building->values > kMaxReplyValues) return nullptr;
    if (task->parent == nullptr) {
      building->root = Reply();
      return &building->root;
    }
    return &static_cast<Reply*>(task->parent->obj)->elements.emplace_back();
  }

  static void* CreateString(const redisReadTask* task, char* text,
                            size_t length) {
    Reply* reply = Place(task);
    if (reply == nullptr) return nullptr;
    reply->type = task->type == REDIS_REPLY_ERROR    ? Reply::Type::kError
                  : task->type == REDIS_REPLY_STATUS ? Reply::Type::kStatus
                                                     : Reply::Type::kString;
    reply->text.assign(text, length);
    return reply;
  }

  // hiredis 0.14 counts elements by int, later releases by size_t.
  template <typename Count>
  static void* CreateArray(const redisReadTask* task, Count count) {
    Reply* reply = Place(task);
    if (reply == nullptr) return nullptr;
    reply->type = Reply::Type::kArray;
    reply->elements.reserve(std::min<size_t>(count, 64));
    return reply;
  }

  static void* CreateInteger(const redisReadTask* task, long long value) {
    Reply* reply = Place(task);
    if (reply == nullptr) return nullptr;
    reply->type = Reply::Type::kInteger;
    reply->integer = value;
    return reply;
  }

  static void* CreateNil(const redisReadTask* task) { return Place(task); }

  static void Free(void*) {}  // `root` owns everything

  static redisReplyObjectFunctions* Functions() {
    static redisReplyObjectFunctions functions = [] {
      redisReplyObjectFunctions f{};
      f.createString = &CreateString;
      f.createArray = &CreateArray;
      f.createInteger = &CreateInteger;
      f.createNil = &CreateNil;
      f.freeObject = &Free;
      return f;
    }();
    return &functions;
  }
};

ReplyParser::ReplyParser()
    : building_(std::make_unique<Building>()),
      reader_(redisReaderCreateWithFunctions(Building::Functions())) {
  reader_->privdata = building_.get();
}

ReplyParser::~ReplyParser() { redisReaderFree(reader_); }

bool ReplyParser::Feed(absl::string_view bytes) {
  return redisReaderFeed(reader_, bytes.data(), bytes.size()) == REDIS_OK;
}

size_t ReplyParser::waiting() const { return reader_->len - reader_->pos; }

absl::StatusOr<bool> ReplyParser::Next(Reply* reply) {
  void* done = nullptr;
  if (redisReaderGetReply(reader_, &done) != REDIS_OK) {
    return absl::InternalError(
        absl::StrCat("Redis sent an unreadable reply: ", reader_->errstr));
  }
  if (done == nullptr) {
    if (waiting() > kMaxReplyBytes) {
      return absl::InternalError("Redis sent too large a reply");
    }
    return false;
  }
  *reply = std::move(building_->root);
  building_->root = Reply();
  building_->values = 0;
  return true;
}

}  // namespace outrigger::redis
