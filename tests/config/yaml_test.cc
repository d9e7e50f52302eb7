// What the YAML reader takes, and where it says that something is wrong.
#include "config/text/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace outrigger::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Complaints(absl::string_view text) {
  Problems problems;
  ParseYaml(text, problems);
  std::vector<std::string> lines;
  for (const Problem& problem : std::move(problems).Take()) {
    lines.push_back(Format(problem, "f"));
  }
  return lines;
}

Node Good(absl::string_view text) {
  Problems problems;
  Node node = ParseYaml(text, problems);
  for (const Problem& problem : std::move(problems).Take()) {
    ADD_FAILURE() << Format(problem, "f");
  }
  return node;
}

TEST(Yaml, ReadsATreeWithPlaces) {
  const Node root = Good("a: {b: [1, 'two']}\nc:\n  d: \"x\\ny\"\n");
  EXPECT_EQ(Find(root, "a.b[0]")->text, "1");
  EXPECT_EQ(Find(root, "a.b[1]")->text, "two");
  EXPECT_EQ(Find(root, "c.d")->text, "x\ny");
  EXPECT_EQ(Find(root, "c.d")->place, (Place{3, 6, ""}));
  EXPECT_EQ(Find(root, "c.d")->key_place, (Place{3, 3, ""}));
  EXPECT_EQ(Find(root, "a.b[2]"), nullptr);
  EXPECT_EQ(Find(root, "a.x"), nullptr);
  EXPECT_EQ(NearestPlace(root, "c.x.y").line, 3);
}

TEST(Yaml, ReadsNothingAsNothing) {
  for (const char* text :
       {"", "\n\n", "# only a comment\n", "---\n", "~\n", "\xEF\xBB\xBF"}) {
    EXPECT_TRUE(Good(text).is_null()) << text;
  }
}

TEST(Yaml, SaysWhatIsWrongAndWhere) {
  const struct {
    const char* text;
    const char* expected;
  } kCases[] = {
      {"a: 1\na: 2\n",
       "f:2: column 1: the key 'a' is there twice; first in "
       "line 1"},
      {"a: &x 1\n", "f:1: column 4: anchors (&name) are not read"},
      {"a: !!int 1\n", "f:1: column 4: tags (!name) are not read"},
      {"a: 1\n---\nb: 1\n",
       "f:2: column 1: text after the end, or a second "
       "document; only one is read"},
      // yaml-cpp would read empty documents for ever.
      {",", "second document"},
      {"[1]: 2\n", "a key must not be a list"},
      {"{1: 2}: 3\n", "a key must not be a map"},
      {"a: [1\n", "f:1: column 1: YAML: end of sequence flow not found"},
      {"a: 'x\nb: 1\n\n# end\n", "YAML: illegal EOF in scalar"},
      {"- a\nb: c\n",
       "f:2: column 1: text after the end, or a "
       "second document"},
      {"a: 1\n...\nb: 2\n", "a second document"},
      {"a: 1\n]\n", "f:2: column 1: YAML: illegal flow end"},
      {"a: b: c\n", "f:1: column 5: YAML: "},
      {"a: 'x\n", "YAML: illegal EOF in scalar"},
      {"\ta: 1\n", "YAML: "},
      {"a: \x01\n",
       "f:1: column 4: a byte that is not UTF-8 text, or a "
       "control character"},
      {"a: 1\nb: \xff\n", "f:2: column 4: a byte"},
  };
  for (const auto& c : kCases) {
    const std::vector<std::string> complaints = Complaints(c.text);
    ASSERT_FALSE(complaints.empty()) << c.text;
    EXPECT_THAT(complaints.front(), HasSubstr(c.expected)) << c.text;
  }
}

TEST(Yaml, RefusesAliasesSoNothingCanGrow) {
  EXPECT_THAT(Complaints("a: &x [1]\nb: *x\n"),
              ElementsAre(HasSubstr("anchors"), HasSubstr("aliases")));
}

TEST(Yaml, DoesNotStopAtAZeroByte) {
  EXPECT_THAT(Complaints(absl::string_view("a: 1\n\0b: 2\n", 11)),
              ElementsAre(HasSubstr("f:2: column 1: a byte")));
}

TEST(Yaml, BoundsDepth) {
  const auto nested = [](int depth) {
    return absl::StrCat(std::string(depth, '['), std::string(depth, ']'));
  };
  EXPECT_THAT(Complaints(nested(kMaxYamlDepth)), ElementsAre());
  EXPECT_THAT(Complaints(nested(kMaxYamlDepth + 1)),
              ElementsAre(HasSubstr("more than 16 maps and lists")));
  EXPECT_THAT(Complaints(nested(400)), ElementsAre(HasSubstr("more than 16")));
  EXPECT_FALSE(Complaints(std::string(100'000, '[')).empty());
}

TEST(Yaml, BoundsSize) {
  const std::string most =
      absl::StrCat("a: 1\n#", std::string(kMaxYamlBytes - 7, 'x'), "\n");
  ASSERT_EQ(most.size(), kMaxYamlBytes);
  EXPECT_THAT(Complaints(most), ElementsAre());
  EXPECT_THAT(Complaints(absl::StrCat(most, "\n")),
              ElementsAre("f: has more than 1048576 bytes"));
}

TEST(Yaml, WritesWhatItReads) {
  const char* const kText =
      "a: ~\nb: {c: [1, \"\", 'null', \"~\", 'true', \" x \", \"a: b\", '#']}\n"
      "d:\n- e: \"line\\nline\"\n  f: []\n- {g: {}}\n'k: k': \"*\"\n";
  const std::string once = EmitYaml(Good(kText));
  EXPECT_EQ(EmitYaml(Good(once)), once);
  const Node root = Good(once);
  EXPECT_EQ(Find(root, "b.c[2]")->text, "null");
  EXPECT_EQ(Find(root, "b.c[5]")->text, " x ");
  EXPECT_EQ(Find(root, "d[0].e")->text, "line\nline");
  EXPECT_EQ(Find(root, "d[1].g")->kind, Node::Kind::kMap);
}

}  // namespace
}  // namespace outrigger::config
