// The configuration that `make run` serves with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"

namespace outrigger::config {
namespace {

TEST(Sample, IsRight) {
  const auto config = Load(OUTRIGGER_SAMPLE, {});
  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_FALSE(config->store.redis.has_value());
  EXPECT_THAT(config->warnings, ::testing::IsEmpty());
  std::vector<std::string> names;
  for (const auto& limit : config->limits) names.push_back(limit.name);
  EXPECT_THAT(names,
              ::testing::ElementsAre("per_user", "per_organisation", "per_tier",
                                     "checkout", "upstream"));
  ASSERT_EQ(config->cache.namespaces.size(), 1);
  EXPECT_EQ(config->cache.namespaces[0].name, "profiles");
  ASSERT_EQ(config->breakers.size(), 1);
  EXPECT_EQ(config->breakers[0].name, "shop");
  ASSERT_EQ(config->pools.size(), 1);
  EXPECT_EQ(config->pools[0].max_connections, 4);
}

}  // namespace
}  // namespace outrigger::config
