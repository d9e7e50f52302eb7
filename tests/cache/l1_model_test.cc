// L1 beside a map that remembers everything: what L1 has must be what was put
// in last, and never more of it than its bounds allow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "cache/l1.h"

namespace outrigger::cache {
namespace {

constexpr Tick kLong = 1'000'000;

EntryRef Make(absl::string_view key, absl::string_view value, uint64_t version,
              Tick fresh_until = kLong, Tick dead_at = kLong) {
  EntryInfo info;
  info.version = version;
  info.fresh_until = fresh_until;
  info.dead_at = dead_at;
  return Entry::Make(key, value, {}, info, 0);
}

EntryRef Get(L1& l1, const std::string& key, Tick now = 0) {
  return l1.Find(key, L1::Hash(key), now);
}

class L1ModelTest : public testing::TestWithParam<Policy> {
 protected:
  L1Options Small() const {
    L1Options options;
    options.policy = GetParam();
    options.max_bytes = 1 << 20;
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(Policies, L1ModelTest,
                         testing::Values(Policy::kLru, Policy::kLfu,
                                         Policy::kTtl, Policy::kS3Fifo,
                                         Policy::kTinyLfu),
                         [](const auto& info) {
                           return std::string(PolicyName(info.param));
                         });

// What was done to a key last.
struct Known {
  uint64_t version = 0;
  std::string value;
  Tick dead_at = 0;
};

class Model {
 public:
  Model(const L1Options& options, uint32_t seed)
      : options_(options), l1_(options), random_(seed) {}

  void Step() {
    const std::string key = absl::StrCat("key", Pick(kKeys) * Pick(2));
    switch (Pick(20)) {
      default:
        return Read(key);
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
        return Write(key);
      case 7:
        l1_.Erase(key, L1::Hash(key));
        known_.erase(key);
        return;
      case 8:
        return EraseThis(key);
      case 9:
        now_ += Pick(50);
        l1_.Sweep(now_, Pick(500));
        return;
      case 10:
        if (Pick(500) != 0) return;
        l1_.Clear();
        known_.clear();
        EXPECT_EQ(l1_.Stats().entries, 0u);
    }
  }

  void ExpectWithinBounds() const {
    const L1Stats stats = l1_.Stats();
    ASSERT_LE(stats.bytes, options_.max_bytes);
    ASSERT_LE(stats.entries, options_.max_entries);
  }
  L1Stats stats() const { return l1_.Stats(); }
  uint64_t hits() const { return hits_; }

 private:
  static constexpr uint32_t kKeys = 3000;

  uint32_t Pick(uint32_t below) {
    return std::uniform_int_distribution<uint32_t>(0, below - 1)(random_);
  }

  void Read(const std::string& key) {
    const EntryRef entry = Get(l1_, key, now_);
    if (!entry) return;
    ++hits_;
    const auto known = known_.find(key);
    ASSERT_NE(known, known_.end()) << key << " had been erased";
    ASSERT_EQ(entry->version(), known->second.version);
    ASSERT_EQ(entry->value(), known->second.value);
    ASSERT_TRUE(IsBefore(now_, entry->dead_at()));
  }

  void Write(const std::string& key) {
    Known next;
    next.version = 1 + Pick(1'000'000);
    next.value = std::string(Pick(10) == 0 ? Pick(40'000) : Pick(300), 'v');
    next.dead_at = now_ + 1 + Pick(2000);
    const EntryRef there = Get(l1_, key, now_);
    const bool newer = !there || there->version() <= next.version;
    const bool in = l1_.Insert(
        Make(key, next.value, next.version, next.dead_at, next.dead_at),
        L1::Hash(key));
    ASSERT_FALSE(in && !newer) << "an older version took the place of " << key;
    if (in) known_[key] = next;
    if (!in && newer) known_.erase(key);
  }

  void EraseThis(const std::string& key) {
    const EntryRef there = Get(l1_, key, now_);
    if (!there) return;
    const EntryRef other = Make(key, there->value(), there->version());
    ASSERT_FALSE(l1_.EraseIf(*other, L1::Hash(key)));
    ASSERT_TRUE(l1_.EraseIf(*there, L1::Hash(key)));
    known_.erase(key);
  }

  const L1Options options_;
  L1 l1_;
  std::mt19937 random_;
  std::map<std::string, Known> known_;
  Tick now_ = 0xffff'f000;  // it wraps around soon
  uint64_t hits_ = 0;
};

void RunModel(const L1Options& options, uint32_t seed, int steps) {
  Model model(options, seed);
  for (int i = 0; i < steps; ++i) {
    model.Step();
    model.ExpectWithinBounds();
    if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(model.hits(), 0u);
}

TEST_P(L1ModelTest, HasWhatWasPutInLastAndKeepsItsBounds) {
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    L1Options options = Small();
    options.max_bytes = 96 << 10;  // bytes bind
    RunModel(options, seed, 30'000);
    options.max_bytes = 64 << 20;
    options.max_entries = 100 * seed;  // entries bind
    RunModel(options, seed, 30'000);
    options.max_bytes = 512 << 10;
    options.max_entries = 3000;  // now these, now those, in four parts
    options.shards = 4;
    RunModel(options, seed, 30'000);
  }
}

}  // namespace
}  // namespace outrigger::cache
