#include "redis/wire/command.h"

#include <openssl/sha.h>

#include <charconv>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace outrigger::redis {
namespace {

constexpr absl::string_view kEvalSha = "$7\r\nEVALSHA\r\n$40\r\n";
constexpr size_t kSha1Digits = 40;

std::string Sha1Hex(absl::string_view text) {
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

}  // namespace

Script::Script(absl::string_view name, std::string text)
    : name_(name), text_(std::move(text)), sha1_(Sha1Hex(text_)) {}

WireBuilder::WireBuilder(int arguments, size_t reserve_bytes)
    : missing_(arguments) {
  wire_.reserve(reserve_bytes);
  absl::StrAppend(&wire_, "*", arguments, "\r\n");
}

WireBuilder& WireBuilder::Add(absl::string_view argument) {
  --missing_;
  absl::StrAppend(&wire_, "$", argument.size(), "\r\n", argument, "\r\n");
  return *this;
}

WireBuilder& WireBuilder::Add(int64_t argument) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof(text), argument).ptr;
  return Add(absl::string_view(text, static_cast<size_t>(end - text)));
}

WireBuilder& WireBuilder::Add(double argument) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), argument).ptr;
  return Add(absl::string_view(text, static_cast<size_t>(end - text)));
}

absl::string_view NameOf(absl::string_view wire) {
  // "*3\r\n$7\r\nEVALSHA\r\n…": the third line.
  for (int line = 0; line < 2; ++line) {
    const size_t end = wire.find("\r\n");
    if (end == absl::string_view::npos) return {};
    wire.remove_prefix(end + 2);
  }
  return wire.substr(0, wire.find("\r\n"));
}

std::string WireOf(std::initializer_list<absl::string_view> words) {
  WireBuilder builder(static_cast<int>(words.size()));
  for (const absl::string_view word : words) builder.Add(word);
  return std::move(builder).Take();
}

Command::~Command() {
  Finish(absl::UnavailableError("the Redis client stops"));
}

void Command::Finish(absl::StatusOr<Reply> result) {
  if (finished_) return;
  finished_ = true;
  if (deadlines_ != nullptr) deadlines_->Remove(*this);
  if (observer != nullptr) observer->Finished(*this, result);
  if (!done) return;
  // Destroyed when it has run: what it holds is freed even if the command
  // itself must stay, to swallow a late reply.
  Done run = std::move(done);
  done = nullptr;
  run(std::move(result));
}

void DeadlineList::Add(Command& command) {
  command.deadlines_ = this;
  command.earlier_ = last_;
  (last_ == nullptr ? first_ : last_->later_) = &command;
  last_ = &command;
}

void DeadlineList::Remove(Command& command) {
  Command* const earlier = command.earlier_;
  Command* const later = command.later_;
  (earlier == nullptr ? first_ : earlier->later_) = later;
  (later == nullptr ? last_ : later->earlier_) = earlier;
  command.deadlines_ = nullptr;
  command.earlier_ = command.later_ = nullptr;
}

std::unique_ptr<Command> MakeCommand(
    std::initializer_list<absl::string_view> words, int slot,
    Command::Done done) {
  auto command = std::make_unique<Command>();
  command->wire = WireOf(words);
  command->slot = slot;
  command->done = std::move(done);
  return command;
}

void ExpandScript(Command& command) {
  // "*N\r\n" EVALSHA <hash> "\r\n" rest
  const size_t name = command.wire.find("\r\n") + 2;
  const size_t rest = name + kEvalSha.size() + kSha1Digits + 2;
  const std::string& text = command.script->text();
  command.wire =
      absl::StrCat(command.wire.substr(0, name), "$4\r\nEVAL\r\n$", text.size(),
                   "\r\n", text, "\r\n", command.wire.substr(rest));
  command.expanded = true;
}

}  // namespace outrigger::redis
