// The scripts do what MemoryCacheStore does: random operations on both.
//
// The two have clocks of their own, so times are compared by what they mean:
// nothing expires meanwhile but what expires at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "redis/cache_pod.h"
#include "store/memory_cache_store.h"
#include "support/fake_clock.h"

namespace outrigger::redis {
namespace {

using store::CacheKey;
using store::CacheToken;
using store::WriteIf;

// Versions and tokens of both stores, by the order in which they were given.
struct Given {
  std::vector<uint64_t> versions{0, 1};
  std::vector<CacheToken> tokens{{1, 1}};
};

class CacheDifferentialTest : public ::testing::Test {
 protected:
  // Runs `operation` on both, with what each has given, and compares what it
  // says.
  template <typename Operation>
  void Both(Operation operation) {
    const std::string model = operation(model_call_, model_);
    // A model that is asked twice within a microsecond of its clock would still
    // give growing versions, but tags of equal numbers.
    model_clock_.Advance(std::chrono::microseconds(1));
    const std::string real = operation(pod_.call, real_);
    ASSERT_EQ(real, model) << "after " << steps_ << " steps";
    ++steps_;
  }

  size_t Any(size_t n) { return random_.Next() % n; }
  // One of the latest, or of the first few.
  size_t AnyOf(size_t n) {
    return Any(4) == 0 || n < 4 ? Any(n) : n - 1 - Any(4);
  }
  CacheKey AnyKey() { return {"ns", "k" + std::to_string(Any(3))}; }

  static std::string TextOf(const absl::StatusOr<std::string>& bytes) {
    if (!bytes.ok()) return bytes.status().ToString();
    if (bytes->empty()) return "none";
    const auto record = cache::DecodeRecord(*bytes);
    if (!record.ok()) return record.status().ToString();
    return record->value + (record->absent ? " absent" : "");
  }

  void Acquire();
  void Write();
  void Remove();
  void Abandon();
  void Mark();
  void ReadAll();

  PseudoRandomSource random_{20};
  FakeClock model_clock_;
  store::MemoryCacheStore model_store_{model_clock_, 64 << 20};
  CacheCaller model_call_{model_store_};
  RedisServer server_;
  CachePod pod_{PodOptions(server_.address())};
  Given model_, real_;
  int steps_ = 0;
};

void CacheDifferentialTest::Acquire() {
  const CacheKey key = AnyKey();
  const uint64_t nonce = 1 + Any(1000);
  const size_t above = Any(2) == 0 ? 0 : AnyOf(real_.versions.size());
  Both([&](CacheCaller& call, Given& given) {
    const auto reply =
        call.Acquire(key, nonce, 3'600'000'000, given.versions[above]);
    if (!reply.ok()) return reply.status().ToString();
    given.tokens.push_back(reply->token);
    return std::to_string(static_cast<int>(reply->kind)) + " " +
           TextOf(reply->record) + " " + std::to_string(reply->token.nonce);
  });
}

void CacheDifferentialTest::Write() {
  const bool absent = Any(5) == 0;
  store::WriteRequest request = CacheCaller::RequestOf(AnyKey(), "");
  request.record = RecordOf(absent ? "" : std::to_string(steps_), absent);
  request.condition = static_cast<WriteIf>(Any(4));
  const size_t version = AnyOf(real_.versions.size());
  const size_t token = AnyOf(real_.tokens.size());
  Both([&](CacheCaller& call, Given& given) {
    request.version = given.versions[version];
    request.token = given.tokens[token];
    const auto reply = call.Write(request);
    if (!reply.ok()) return reply.status().ToString();
    given.versions.push_back(reply->version);
    return std::string(reply->stored ? "stored" : "refused") +
           (reply->version == 0 ? " none" : "");
  });
}

void CacheDifferentialTest::Remove() {
  const CacheKey key = AnyKey();
  const bool soft = Any(2) == 0;
  const size_t version = Any(2) == 0 ? 0 : AnyOf(real_.versions.size());
  Both([&](CacheCaller& call, Given& given) {
    const auto reply = call.Remove(key, soft, given.versions[version]);
    return reply.ok() ? std::to_string(*reply) : reply.status().ToString();
  });
}

void CacheDifferentialTest::Abandon() {
  const CacheKey key = AnyKey();
  const size_t token = AnyOf(real_.tokens.size());
  Both([&](CacheCaller& call, Given& given) {
    return call.Abandon(key, given.tokens[token]).ToString();
  });
}

void CacheDifferentialTest::Mark() {
  std::vector<std::string> tags(Any(40)), globs(Any(3));
  for (std::string& tag : tags) tag = "t" + std::to_string(Any(300));
  for (std::string& glob : globs) glob = "g" + std::to_string(Any(300)) + "*";
  if (tags.empty() && globs.empty()) tags = {"t"};
  const bool soft = Any(3) == 0;
  Both([&](CacheCaller& call, Given& given) {
    const auto number = call.AddMarks("ns", tags, globs, soft);
    if (!number.ok()) return number.status().ToString();
    given.versions.push_back(*number);
    return std::string("marked");
  });
}

void CacheDifferentialTest::ReadAll() {
  const std::vector<std::string> tags = {"t1", "t2", "t299", "never"};
  Both([&](CacheCaller& call, Given& given) {
    std::string text;
    for (int i = 0; i < 3; ++i) {
      text += TextOf(call.Read({"ns", "k" + std::to_string(i)})) + "; ";
    }
    // Numbers, as the order in which they were given.
    const auto nth = [&](uint64_t number) {
      const auto it =
          std::find(given.versions.begin(), given.versions.end(), number);
      return std::to_string(it - given.versions.begin()) + " ";
    };
    const auto marks = call.ReadMarks("ns");
    if (!marks.ok()) return marks.status().ToString();
    text += nth(marks->last) + nth(marks->complete_after) + nth(marks->floor);
    for (const auto* list : {&marks->tags, &marks->globs}) {
      for (const store::Mark& mark : *list) {
        text += nth(mark.number) + (mark.soft ? "soft " : "") + mark.name + " ";
      }
    }
    const auto numbers = call.ReadTags("ns", tags);
    if (!numbers.ok()) return numbers.status().ToString();
    for (const store::TagMarks& tag : *numbers) {
      text += nth(tag.hard) + nth(tag.soft);
    }
    return text;
  });
}

TEST_F(CacheDifferentialTest, TheScriptsAgreeWithTheModel) {
  while (steps_ < 4000 && !HasFatalFailure()) {
    switch (Any(8)) {
      case 0:
      case 1:
        Acquire();
        break;
      case 2:
      case 3:
      case 4:
        Write();
        break;
      case 5:
        Remove();
        break;
      case 6:
        Abandon();
        break;
      case 7:
        if (Any(4) == 0) Mark();
        break;
    }
    if (Any(10) == 0) ReadAll();
  }
}

}  // namespace
}  // namespace outrigger::redis
