#include "redis/breaker/calls.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "redis/breaker/scripts.h"
#include "redis/wire/slot.h"

namespace outrigger::redis {
namespace {

using store::BreakerSeen;

constexpr int kEvalShaWords = 3;  // EVALSHA, hash, number of keys
constexpr int kKeys = 3;          // record, snapshots, expiries

std::unique_ptr<Command> MakeCall(const Script& script, const std::string& key,
                                  WireBuilder wire) {
  auto command = std::make_unique<Command>();
  command->wire = std::move(wire).Take();
  command->slot = KeySlot(key);
  command->script = &script;
  return command;
}

WireBuilder Begin(const Script& script, int keys, int arguments) {
  WireBuilder wire(kEvalShaWords + keys + arguments, /*reserve_bytes=*/512);
  wire.Add("EVALSHA").Add(script.sha1()).Add(int64_t{keys});
  return wire;
}

std::string TextOf(const BreakerSeen& seen, bool bad) {
  return absl::StrCat(std::min(seen.calls, store::kMaxBreakerSeen), " ",
                      std::min(seen.failures, store::kMaxBreakerSeen), " ",
                      std::min(seen.slow, store::kMaxBreakerSeen), " ",
                      bad ? "1" : "0");
}

absl::Status Nonsense() {
  return absl::InternalError("Redis holds unreadable breakers");
}

// "revision bytes".
store::BreakerRecord ParseRecord(absl::string_view text) {
  const size_t space = text.find(' ');
  store::BreakerRecord record;
  if (space == absl::string_view::npos ||
      !absl::SimpleAtoi(text.substr(0, space), &record.revision)) {
    return {};
  }
  record.bytes = std::string(text.substr(space + 1));
  return record;
}

// "calls failures slow reporters bad_reporters pods".
bool ParseSum(absl::string_view text, store::BreakerEvidence* evidence) {
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ');
  return words.size() == 6 &&
         absl::SimpleAtoi(words[0], &evidence->seen.calls) &&
         absl::SimpleAtoi(words[1], &evidence->seen.failures) &&
         absl::SimpleAtoi(words[2], &evidence->seen.slow) &&
         absl::SimpleAtoi(words[3], &evidence->reporters) &&
         absl::SimpleAtoi(words[4], &evidence->bad_reporters);
}

}  // namespace

std::unique_ptr<Command> BreakerCalls::Read(
    const store::BreakerKey& key) const {
  WireBuilder wire = Begin(BreakerReadScript(), kKeys, 0);
  const std::string record = layout_.Record(key);
  wire.Add(record).Add(layout_.Snapshots(key)).Add(layout_.Expiries(key));
  return MakeCall(BreakerReadScript(), record, std::move(wire));
}

std::unique_ptr<Command> BreakerCalls::Report(
    const store::BreakerReport& report) const {
  WireBuilder wire = Begin(BreakerReportScript(), kKeys, 4);
  const std::string record = layout_.Record(report.key);
  wire.Add(record)
      .Add(layout_.Snapshots(report.key))
      .Add(layout_.Expiries(report.key))
      .Add(report.pod)
      .Add(absl::StrFormat("%020d", report.generation))
      .Add(TextOf(report.seen, report.bad))
      .Add(report.keep_for_ms);
  return MakeCall(BreakerReportScript(), record, std::move(wire));
}

std::unique_ptr<Command> BreakerCalls::Swap(
    const store::BreakerSwap& swap) const {
  WireBuilder wire = Begin(BreakerSwapScript(), 1, 4);
  const std::string record = layout_.Record(swap.key);
  wire.Add(record)
      .Add(absl::StrCat(swap.expected))
      .Add(absl::StrCat(swap.above))
      .Add(std::max<int64_t>(swap.keep_for_ms, 0))
      .Add(swap.bytes);
  return MakeCall(BreakerSwapScript(), record, std::move(wire));
}

absl::StatusOr<store::BreakerReply> ParseBreaker(Reply reply) {
  const std::vector<Reply>& words = reply.elements;
  if (!reply.IsArray() || words.size() != 4 || !words[0].IsString() ||
      !words[1].IsString() || !words[2].IsString() || !words[3].IsInteger()) {
    return Nonsense();
  }
  store::BreakerReply parsed;
  parsed.record = ParseRecord(words[0].text);
  if (!words[1].text.empty() &&
      !absl::SimpleAtoi(words[1].text, &parsed.evidence.generation)) {
    return Nonsense();
  }
  if (!ParseSum(words[2].text, &parsed.evidence)) return Nonsense();
  parsed.now_us = words[3].integer;
  return parsed;
}

absl::StatusOr<store::BreakerSwapReply> ParseBreakerSwap(Reply reply,
                                                         std::string bytes) {
  const std::vector<Reply>& words = reply.elements;
  if (!reply.IsArray() || words.size() != 3 || !words[0].IsInteger() ||
      !words[2].IsInteger()) {
    return Nonsense();
  }
  store::BreakerSwapReply parsed;
  parsed.swapped = words[0].integer == 1;
  parsed.now_us = words[2].integer;
  if (!parsed.swapped) {
    if (!words[1].IsString()) return Nonsense();
    parsed.record = ParseRecord(words[1].text);
  } else {
    if (!words[1].IsInteger() || words[1].integer <= 0) return Nonsense();
    parsed.record = {static_cast<uint64_t>(words[1].integer), std::move(bytes)};
  }
  return parsed;
}

}  // namespace outrigger::redis
