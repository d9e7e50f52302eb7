#include <set>
#include <string>

#include "absl/strings/match.h"
#include "admin/page.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outrigger::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const StaticFile* Find(absl::string_view path) {
  for (const StaticFile& file : PageFiles()) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

TEST(PageFiles, HaveThePageAtTheRoot) {
  const StaticFile* page = Find("/");
  ASSERT_NE(page, nullptr);
  EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
  EXPECT_THAT(std::string(page->bytes), HasSubstr("src=\"page.js\""));
  EXPECT_EQ(Find("/index.html"), nullptr);
}

TEST(PageFiles, AreSmallAndToldApartByTheirTags) {
  size_t bytes = 0;
  std::set<absl::string_view> paths;
  std::set<absl::string_view> tags;
  for (const StaticFile& file : PageFiles()) {
    EXPECT_FALSE(file.bytes.empty()) << file.path;
    EXPECT_EQ(file.etag.size(), 16u) << file.path;
    bytes += file.bytes.size();
    paths.insert(file.path);
    tags.insert(file.etag);
  }
  EXPECT_LE(bytes, 60u * 1024);
  EXPECT_EQ(paths.size(), PageFiles().size());
  EXPECT_EQ(tags.size(), PageFiles().size());
}

TEST(PageFiles, AreWholeAndLean) {
  const StaticFile* script = Find("/base/format.js");
  ASSERT_NE(script, nullptr);
  EXPECT_EQ(script->content_type, "text/javascript; charset=utf-8");
  const std::string text(script->bytes);
  EXPECT_THAT(text, HasSubstr("'\\u00a0'"));  // no escape was lost
  EXPECT_THAT(text, HasSubstr("'µs'"));       // nor what is not ASCII
  EXPECT_THAT(text, Not(HasSubstr("\n//")));
  EXPECT_TRUE(absl::EndsWith(text, "}\n"));
}

}  // namespace
}  // namespace outrigger::admin
