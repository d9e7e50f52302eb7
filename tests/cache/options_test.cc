// What a cache's configuration may say, and how memory is shared.
#include "cache/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace outrigger::cache {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::StartsWith;

NamespaceOptions Named(std::string name) {
  NamespaceOptions options;
  options.name = std::move(name);
  return options;
}

// Of a good namespace with one thing changed.
template <typename Change>
std::string Objection(Change change) {
  NamespaceOptions options = Named("profiles");
  change(options);
  return std::string(Validate(options).message());
}

TEST(CacheOptionsTest, DefaultsAreGood) {
  EXPECT_EQ(Objection([](auto&) {}), "");
}

TEST(CacheOptionsTest, EachFieldHasItsRangeAndIsNamed) {
  using O = NamespaceOptions;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto expect = [](const std::string& field, auto change) {
    EXPECT_THAT(Objection(change), StartsWith(field + ": "));
  };
  expect("name", [](O& o) { o.name = ""; });
  expect("name", [](O& o) { o.name = std::string(65, 'n'); });
  expect("name", [](O& o) { o.name = "a/b"; });
  expect("ttl", [](O& o) { o.ttl = Duration(999'999); });
  expect("ttl", [](O& o) { o.ttl = hours(720) + milliseconds(1); });
  expect("ttl_jitter", [](O& o) { o.ttl_jitter = 0.51; });
  expect("ttl_jitter", [&](O& o) { o.ttl_jitter = nan; });
  expect("stale_for", [](O& o) { o.stale_for = Duration(-1); });
  expect("stale_for", [](O& o) { o.stale_for = hours(721); });
  expect("absent_ttl", [](O& o) { o.absent_ttl = Duration(0); });
  expect("fill_timeout", [](O& o) { o.fill_timeout = milliseconds(9); });
  expect("fill_timeout", [](O& o) { o.fill_timeout = hours(2); });
  expect("memory", [](O& o) { o.memory_bytes = 65535; });
  expect("memory", [](O& o) { o.memory_bytes = (1LL << 40) + 1; });
  expect("max_entries", [](O& o) { o.max_entries = -1; });
  expect("max_entries", [](O& o) { o.max_entries = 100'000'001; });
  expect("max_value", [](O& o) { o.max_value_bytes = 0; });
  expect("max_value", [](O& o) { o.max_value_bytes = (64 << 20) + 1; });
  expect("compress_over", [](O& o) { o.compress_over = -2; });
  expect("early_refresh", [](O& o) { o.early_refresh = -0.1; });
  expect("early_refresh", [&](O& o) { o.early_refresh = nan; });
  expect("refresh_ahead_per_second",
         [](O& o) { o.refresh_ahead_per_second = 0; });
  expect("warm", [](O& o) { o.warm = 10'001; });
  expect("max_pending_writes", [](O& o) { o.max_pending_writes = -1; });
}

TEST(CacheOptionsTest, EdgesAreGood) {
  EXPECT_EQ(Objection([](NamespaceOptions& o) {
              o.name = std::string(64, 'n');
              o.ttl = milliseconds(1);
              o.stale_for = hours(720);
              o.memory_bytes = 64 << 10;
              o.max_entries = 0;
              o.compress_over = -1;
              o.early_refresh = 0;
            }),
            "");
}

TEST(CacheOptionsTest, NamespacesWithoutMemoryShareTheRestEqually) {
  Options options;
  options.memory_bytes = 10 << 20;
  options.namespaces = {Named("a"), Named("b"), Named("c"),
                        Named("store_only")};
  options.namespaces[1].memory_bytes = 4 << 20;
  options.namespaces[3].max_entries = 0;
  ASSERT_TRUE(ShareMemory(options).ok());
  EXPECT_EQ(options.namespaces[0].memory_bytes, 3 << 20);
  EXPECT_EQ(options.namespaces[1].memory_bytes, 4 << 20);
  EXPECT_EQ(options.namespaces[2].memory_bytes, 3 << 20);
  EXPECT_EQ(options.namespaces[3].memory_bytes, 0);
  const Options once = options;
  ASSERT_TRUE(ShareMemory(options).ok());
  EXPECT_EQ(options, once) << "shared twice";
}

TEST(CacheOptionsTest, ANamespaceLeavesTheOthersTheirShare) {
  Options options;
  options.memory_bytes = 1 << 20;
  options.namespaces = {Named("a"), Named("b"), Named("c")};
  options.namespaces[0].memory_bytes = (1 << 20) - (128 << 10);
  EXPECT_TRUE(ShareMemory(options).ok());
  options.namespaces[1].memory_bytes = 0;
  options.namespaces[2].memory_bytes = 0;
  options.namespaces[0].memory_bytes += 1024;
  EXPECT_THAT(std::string(ShareMemory(options).message()),
              StartsWith("memory: leaves less than 64KiB"));
  options.namespaces[0].memory_bytes = (1 << 20) + 1;
  EXPECT_THAT(std::string(ShareMemory(options).message()),
              StartsWith("memory: is less than"));
}

TEST(CacheOptionsTest, TheMemoryOfAllHasARange) {
  for (const int64_t bytes :
       {int64_t{0}, (int64_t{1} << 20) - 1, (int64_t{1} << 40) + 1}) {
    Options options;
    options.memory_bytes = bytes;
    EXPECT_THAT(std::string(ShareMemory(options).message()),
                StartsWith("memory: must be"));
  }
}

TEST(CacheOptionsTest, PoliciesHaveNames) {
  EXPECT_EQ(PolicyName(Policy::kLru), "lru");
  EXPECT_EQ(PolicyName(Policy::kLfu), "lfu");
  EXPECT_EQ(PolicyName(Policy::kTtl), "ttl");
  EXPECT_EQ(PolicyName(Policy::kS3Fifo), "s3fifo");
  EXPECT_EQ(PolicyName(Policy::kTinyLfu), "tinylfu");
}

}  // namespace
}  // namespace outrigger::cache
