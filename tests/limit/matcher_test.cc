#include "limit/matcher.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace outrigger::limit {
namespace {

struct GlobCase {
  const char* glob;
  const char* text;
  bool matches;
};

TEST(GlobMatches, Table) {
  const GlobCase cases[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "anything", true},
      {"a*", "a", true},
      {"a*", "abc", true},
      {"a*", "b", false},
      {"*c", "abc", true},
      {"a*c", "abbbc", true},
      {"a*c", "abbb", false},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"*a*b*", "xxaxxbxx", true},
      {"*a*b*", "xxbxxaxx", false},
      {"a\\*c", "a*c", true},
      {"a\\*c", "abc", false},
      {"a\\?", "a?", true},
      {"a\\?", "ab", false},
      {"/checkout*", "/checkout/pay", true},
      {"a\\", "a\\", true},
  };
  for (const GlobCase& c : cases) {
    EXPECT_EQ(GlobMatches(c.glob, c.text), c.matches)
        << c.glob << " " << c.text;
  }
}

TEST(GlobMatches, ManyStarsStayFast) {
  std::string glob, text(1024, 'a');
  for (int i = 0; i < 500; ++i) glob += "a*";
  EXPECT_FALSE(GlobMatches(glob + "b", text));
}

LimitConfig Keyed(std::string name, std::vector<std::string> key) {
  LimitConfig config;
  config.name = std::move(name);
  config.key = std::move(key);
  config.shape.burst = config.shape.tokens = 10;
  return config;
}

std::vector<std::string> Names(const Matcher& matcher,
                               std::vector<Attribute> attributes) {
  Matches matches;
  matcher.MatchAll(attributes, matches);
  std::vector<std::string> names;
  for (const Match& match : matches) {
    names.push_back(matcher.limits()[match.limit].name);
  }
  return names;
}

using Strings = std::vector<std::string>;

TEST(Matcher, ALimitNeedsAllOfItsKey) {
  const Matcher matcher({Keyed("a", {"user"}), Keyed("b", {"user", "org"}),
                         Keyed("c", {}), Keyed("d", {"org"})});
  EXPECT_EQ(Names(matcher, {{"user", "1"}}), (Strings{"a", "c"}));
  EXPECT_EQ(Names(matcher, {{"org", "1"}, {"user", "2"}}),
            (Strings{"a", "b", "c", "d"}));
  EXPECT_EQ(Names(matcher, {}), (Strings{"c"}));
}

TEST(Matcher, MatchIsAnAnd) {
  LimitConfig config = Keyed("checkout", {"user"});
  config.match = {{"route", "/checkout*"}, {"method", "POST"}};
  const Matcher matcher({config});
  EXPECT_EQ(
      Names(matcher,
            {{"user", "1"}, {"route", "/checkout/x"}, {"method", "POST"}}),
      Strings{"checkout"});
  EXPECT_EQ(Names(matcher,
                  {{"user", "1"}, {"route", "/checkout/x"}, {"method", "GET"}}),
            Strings{});
  EXPECT_EQ(Names(matcher, {{"user", "1"}, {"method", "POST"}}), Strings{});
}

TEST(Matcher, TheFirstOverrideThatHoldsIsUsed) {
  LimitConfig config = Keyed("x", {"user"});
  config.overrides.resize(2);
  config.overrides[0].match = {{"tier", "gold"}};
  config.overrides[0].tokens = 100;
  config.overrides[1].match = {{"tier", "*"}};
  config.overrides[1].unlimited = true;
  const Matcher matcher({config});
  Matches matches;
  const std::vector<Attribute> gold = {{"user", "1"}, {"tier", "gold"}};
  const std::vector<Attribute> other = {{"user", "1"}, {"tier", "tin"}};
  matcher.MatchAll(gold, matches);
  matcher.MatchAll(other, matches);
  EXPECT_EQ(matches[0].shape->burst, 100);
  EXPECT_FALSE(matches[0].unlimited);
  EXPECT_TRUE(matches[1].unlimited);
}

TEST(Matcher, MoreThanAHandfulOfNames) {
  std::vector<LimitConfig> configs;
  for (char c = 'a'; c <= 'p'; ++c) {
    configs.push_back(Keyed(std::string("l") + c, {std::string(1, c)}));
  }
  const Matcher matcher(configs);
  EXPECT_EQ(Names(matcher, {{"p", "1"}, {"c", "2"}, {"zz", "3"}}),
            (Strings{"lc", "lp"}));
}

// Names of buckets are equal only for equal values.
TEST(Matcher, BucketNamesAreInjective) {
  const Matcher matcher({Keyed("x", {"a", "b"})});
  auto name = [&](absl::string_view a, absl::string_view b) {
    const std::vector<Attribute> attributes = {{"a", a}, {"b", b}};
    Matches matches;
    matcher.MatchAll(attributes, matches);
    return Matcher::BucketName(matcher.limits()[0], matches[0], attributes);
  };
  EXPECT_EQ(name("1", "2"), "t:x:1:2");
  EXPECT_NE(name("1:2", "3"), name("1", "2:3"));
  EXPECT_NE(name("1\\", ":3"), name("1", "\\:3"));
  EXPECT_NE(name("\\:", ""), name("\\", ":"));
  const char nul[] = {'a', '\0', 'b'};
  EXPECT_NE(name(absl::string_view(nul, 3), ""), name("a", ""));
}

}  // namespace
}  // namespace outrigger::limit
