// `outrigger cache simulate`: how big should it be, and with which policy?

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/json.h"
#include "cache/simulate/trace.h"
#include "cli/commands.h"
#include "config/text/byte_size.h"
#include "config/text/suggest.h"

namespace outrigger::cli {
namespace {

using cache::Capacity;
using cache::Policy;
using cache::SimulationResult;
using cache::TraceRequest;

constexpr Policy kPolicies[] = {Policy::kLru, Policy::kLfu, Policy::kTtl,
                                Policy::kS3Fifo, Policy::kTinyLfu};
constexpr uint64_t kUnbounded = std::numeric_limits<uint64_t>::max() / 4;
constexpr uint64_t kMostEntries = 1'000'000'000;
// A trace is held in memory.
constexpr size_t kMaxTraceBytes = size_t{4} << 30;

// What was asked for.
struct Question {
  std::string file;
  std::vector<Policy> policies;
  bool by_bytes = false;
  std::vector<uint64_t> sizes;
  std::string format;  // empty: guess
  bool json = false;
};

// One policy with one size.
struct Answer {
  Policy policy;
  uint64_t size;
  SimulationResult result;
};

absl::Status Bad(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("cache simulate: ", what));
}

absl::StatusOr<std::vector<Policy>> ReadPolicies(const std::string& words) {
  if (words.empty()) return std::vector<Policy>(kPolicies, std::end(kPolicies));
  std::vector<std::string> names;
  for (const Policy policy : kPolicies) names.emplace_back(PolicyName(policy));
  std::vector<Policy> policies;
  for (const std::string& word :
       std::vector<std::string>(absl::StrSplit(words, ','))) {
    const size_t before = policies.size();
    for (const Policy policy : kPolicies) {
      if (PolicyName(policy) == word) policies.push_back(policy);
    }
    if (policies.size() == before) {
      return Bad(absl::StrCat("--policy: there is no ", word,
                              config::DidYouMean(word, names), "; there are ",
                              absl::StrJoin(names, ", ")));
    }
  }
  return policies;
}

absl::StatusOr<uint64_t> ReadSize(absl::string_view word, bool by_bytes) {
  uint64_t size = 0;
  if (!by_bytes) {
    if (absl::SimpleAtoi(word, &size) && size > 0 && size <= kMostEntries) {
      return size;
    }
    return Bad(absl::StrCat("--entries: \"", word,
                            "\" is not a number from 1 to ", kMostEntries));
  }
  if (!absl::SimpleAtoi(word, &size)) {
    absl::StatusOr<int64_t> bytes = config::ParseByteSize(word);
    if (!bytes.ok()) {
      return Bad(absl::StrCat("--bytes: ", bytes.status().message()));
    }
    size = static_cast<uint64_t>(*bytes);
  }
  if (size > 0 && size < kUnbounded) return size;
  return Bad("--bytes: must be more than 0");
}

absl::StatusOr<Question> ReadQuestion(const Args& args) {
  Question question;
  if (args.positional().size() != 1) {
    return Bad("name one trace, or - for stdin");
  }
  question.file = args.positional()[0];
  question.by_bytes = args.Has("bytes");
  if (question.by_bytes == args.Has("entries")) {
    return Bad("give either --entries or --bytes, as in --entries 1000,10000");
  }
  absl::StatusOr<std::vector<Policy>> policies =
      ReadPolicies(args.Get("policy"));
  if (!policies.ok()) return policies.status();
  question.policies = *std::move(policies);
  const std::string sizes = args.Get(question.by_bytes ? "bytes" : "entries");
  for (const absl::string_view word : absl::StrSplit(sizes, ',')) {
    absl::StatusOr<uint64_t> size = ReadSize(word, question.by_bytes);
    if (!size.ok()) return size.status();
    question.sizes.push_back(*size);
  }
  question.format = args.Get("format");
  if (args.Has("format") && !cache::TraceFormatOf(question.format)) {
    return Bad(absl::StrCat("--format: there is no ", question.format,
                            "; there are keys, oracle, int32"));
  }
  question.json = args.Has("json");
  return question;
}

absl::StatusOr<std::string> ReadAll(const std::string& path) {
  std::FILE* const file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  std::string bytes;
  size_t got = 1;
  while (got > 0 && bytes.size() <= kMaxTraceBytes) {
    constexpr size_t kAtOnce = 1 << 20;
    const size_t before = bytes.size();
    bytes.resize(before + kAtOnce);
    got = std::fread(&bytes[before], 1, kAtOnce, file);
    bytes.resize(before + got);
  }
  const bool failed = std::ferror(file) != 0;
  const int error = errno;
  if (file != stdin) std::fclose(file);
  if (failed) {
    return absl::ErrnoToStatus(error, absl::StrCat("cannot read ", path));
  }
  if (bytes.size() > kMaxTraceBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": more than 4 GiB; take a part of it"));
  }
  return bytes;
}

absl::StatusOr<std::vector<TraceRequest>> ReadRequests(
    const Question& question) {
  absl::StatusOr<std::string> bytes = ReadAll(question.file);
  if (!bytes.ok()) return bytes.status();
  const auto named = cache::TraceFormatOf(question.format);
  absl::StatusOr<std::vector<TraceRequest>> trace = cache::ReadTrace(
      *bytes, named ? *named : cache::GuessTraceFormat(question.file, *bytes));
  if (trace.ok()) return trace;
  return absl::InvalidArgumentError(
      absl::StrCat(question.file, ": ", trace.status().message()));
}

// How many keys there are, and how much all their values together.
std::pair<uint64_t, uint64_t> Footprint(
    const std::vector<TraceRequest>& trace) {
  absl::flat_hash_map<uint64_t, uint32_t> sizes;
  for (const TraceRequest& request : trace) sizes[request.key] = request.size;
  uint64_t bytes = 0;
  for (const auto& [key, size] : sizes) bytes += size;
  return {sizes.size(), bytes};
}

std::string AsJson(const Question& question,
                   const std::vector<TraceRequest>& trace,
                   const std::vector<Answer>& answers) {
  const auto [keys, bytes] = Footprint(trace);
  JsonWriter json;
  json.BeginObject().Field("trace", question.file).Field("keys", keys);
  if (question.by_bytes) json.Field("key_bytes", bytes);
  json.BeginArray("results");
  for (const Answer& answer : answers) {
    json.BeginObject()
        .Field("policy", PolicyName(answer.policy))
        .Field(question.by_bytes ? "bytes" : "entries", answer.size)
        .Field("requests", answer.result.requests)
        .Field("misses", answer.result.misses)
        .Field("hit_ratio", answer.result.HitRatio())
        .EndObject();
  }
  json.EndArray().EndObject();
  return std::move(json).Take() + "\n";
}

std::string AsText(const Question& question,
                   const std::vector<TraceRequest>& trace,
                   const std::vector<Answer>& answers) {
  const auto [keys, bytes] = Footprint(trace);
  std::string text =
      absl::StrCat(trace.size(), " requests for ", keys, " keys");
  if (question.by_bytes) {
    absl::StrAppendFormat(&text, " of %.1f MiB", bytes / 1048576.0);
  }
  absl::StrAppendFormat(&text, "\n\n%-8s %12s %12s %12s %10s\n", "policy",
                        question.by_bytes ? "bytes" : "entries", "requests",
                        "misses", "hit ratio");
  for (const Answer& answer : answers) {
    const std::string size =
        question.by_bytes
            ? config::FormatByteSize(static_cast<int64_t>(answer.size))
            : absl::StrCat(answer.size);
    absl::StrAppendFormat(&text, "%-8s %12s %12d %12d %9.2f%%\n",
                          PolicyName(answer.policy), size,
                          answer.result.requests, answer.result.misses,
                          100 * answer.result.HitRatio());
  }
  return text;
}

int RunSimulate(const Invocation& invocation) {
  absl::StatusOr<Question> question = ReadQuestion(invocation.args);
  if (!question.ok()) return Fail(kError, question.status().message());
  absl::StatusOr<std::vector<TraceRequest>> trace = ReadRequests(*question);
  if (!trace.ok()) return Fail(kNo, trace.status().message());
  std::vector<Answer> answers;
  for (const Policy policy : question->policies) {
    for (const uint64_t size : question->sizes) {
      const Capacity capacity = question->by_bytes ? Capacity{size, kUnbounded}
                                                   : Capacity{kUnbounded, size};
      answers.push_back({policy, size, Simulate(*trace, policy, capacity)});
    }
  }
  const std::string text = question->json ? AsJson(*question, *trace, answers)
                                          : AsText(*question, *trace, answers);
  std::fputs(text.c_str(), stdout);
  return kOk;
}

}  // namespace

Command CacheSimulateCommand() {
  return {
      "cache simulate",
      "TRACE (--entries N | --bytes N)",
      "hit ratios of the policies on a recording of reads",
      "TRACE (-: stdin) has one key a line, or a key and its size, or is in\n"
      "libCacheSim's oracleGeneral format, or has keys as big-endian int32.\n"
      "Only sizes of values count, no bookkeeping. Needs no sidecar.",
      {{"policy", "P[,P...]", "lru, lfu, ttl, s3fifo, tinylfu; else all"},
       {"entries", "N[,N...]", "sizes of the cache, in entries"},
       {"bytes", "N[,N...]", "sizes of the cache, as in 64MiB"},
       {"format", "F", "keys, oracle, int32; else as it looks"},
       {"json", "", "print JSON"}},
      RunSimulate};
}

}  // namespace outrigger::cli
