// What is put into an entry's block comes out of it.
#include "cache/entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <string>
#include <utility>
#include <vector>

namespace outrigger::cache {
namespace {

using testing::ElementsAre;

TEST(EntryTest, AllOfItComesBack) {
  EntryInfo info;
  info.version = 0xfedcba9876543210;
  info.fresh_until = 5;
  info.dead_at = 0xffff'ffff;
  info.absent = true;
  const std::string tag(255, 't');
  const EntryRef entry = Entry::Make("key", "", {"a", "", tag}, info, 7);
  EXPECT_EQ(entry->key(), "key");
  EXPECT_EQ(entry->value(), "");
  EXPECT_THAT(entry->tags(), ElementsAre("a", "", tag));
  EXPECT_TRUE(entry->has_tags());
  EXPECT_TRUE(entry->absent());
  EXPECT_EQ(entry->version(), info.version);
  EXPECT_EQ(entry->fresh_until(), 5u);
  EXPECT_EQ(entry->dead_at(), 0xffff'ffffu);
  EXPECT_EQ(entry->load_ms(), 0u);
  EXPECT_EQ(entry->checked(), 7u);
  entry->set_checked(8);
  EXPECT_EQ(entry->checked(), 8u);
}

TEST(EntryTest, TheLongestKeyAndALongValue) {
  const std::string key(1024, 'k');
  const std::string value(64 << 20, 'v');
  const EntryRef entry = Entry::Make(key, value, {}, {}, 0);
  EXPECT_EQ(entry->key(), key);
  EXPECT_TRUE(entry->value() == value);
  EXPECT_FALSE(entry->has_tags());
  EXPECT_TRUE(entry->tags().empty());
  EXPECT_FALSE(entry->absent());
}

TEST(EntryTest, TheTimeOfALoadIsKeptToFivePercent) {
  for (const uint32_t ms :
       {1u, 2u, 3u, 10u, 47u, 999u, 3'600'000u, 4'294'967'295u}) {
    EntryInfo info;
    info.load_ms = ms;
    const EntryRef entry = Entry::Make("key", "value", {}, info, 0);
    EXPECT_NEAR(entry->load_ms(), ms, 0.05 * ms + 0.5);
    EXPECT_EQ(entry->key(), "key") << "they share bits";
    EXPECT_EQ(entry->value(), "value");
  }
}

TEST(EntryTest, SharesAreCounted) {
  EntryRef a = Entry::Make("key", "value", {}, {}, 0);
  EntryRef b = a;
  EntryRef c = std::move(a);
  EXPECT_FALSE(a);  // NOLINT: that is what is tested
  EXPECT_EQ(b.get(), c.get());
  b = EntryRef();
  EXPECT_EQ(c->value(), "value");
  Entry* const raw = c.Release();
  EXPECT_FALSE(c);
  EXPECT_EQ(EntryRef::Adopt(raw)->value(), "value");
}

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
TEST(EntryTest, ItsBytesAreWhatMallocTakes) {
  for (size_t size = 0; size < 5000; size += 7) {
    const EntryRef entry =
        Entry::Make("key", std::string(size, 'v'), {"tag"}, {}, 0);
    void* const block = const_cast<Entry*>(entry.get());
    EXPECT_EQ(entry->bytes(), malloc_usable_size(block) + sizeof(size_t));
  }
}
#endif

}  // namespace
}  // namespace outrigger::cache
