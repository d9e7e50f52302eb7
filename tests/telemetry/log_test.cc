// Log events: their lines, their levels, and what is held back.
#include "telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/fake_clock.h"
#include "telemetry/log/format.h"
#include "telemetry/log/hold_back.h"
#include "telemetry/log/log_metrics.h"
#include "telemetry/registry.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const SpanContext kSpan{.trace_id = {0x0102030405060708, 0x090a0b0c0d0e0f10},
                        .span_id = 0x1112131415161718,
                        .sampled = true};

// Keeps "part/level/message" of all events.
class KeptEvents final : public LogSink {
 public:
  void Accept(const LogRecord& record) override { records.push_back(record); }
  std::vector<std::string> Messages() const {
    std::vector<std::string> messages;
    for (const LogRecord& record : records) messages.push_back(record.message);
    return messages;
  }
  std::vector<LogRecord> records;
};

class LogTest : public ::testing::Test {
 protected:
  LogTest() {
    ::testing::internal::CaptureStderr();
    Log::SetFormat(LogFormat::kJson);
    Log::SetSink(&kept_);
  }
  ~LogTest() override {
    Log::Flush(clock_);
    Log::SetSink(nullptr);
    Log::SetMinimum(LogLevel::kInfo);
    ::testing::internal::GetCapturedStderr();
  }

  // What was written to standard error so far.
  std::vector<std::string> Lines() {
    std::istringstream text(::testing::internal::GetCapturedStderr());
    ::testing::internal::CaptureStderr();
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  FakeClock clock_;
  KeptEvents kept_;
};

TEST_F(LogTest, AnEventIsALineOfJson) {
  const Log log("store", clock_);
  clock_.Advance(milliseconds(123));
  log.Warning("a \"quoted\"\nmessage", {{"address", "h:1"}, {"level", "high"}});
  EXPECT_THAT(Lines(), ElementsAre(R"({"time":"2026-01-01T01:00:00.123Z",)"
                                   R"("level":"warning","part":"store",)"
                                   R"("message":"a \"quoted\"\nmessage",)"
                                   R"("address":"h:1","level_":"high"})"));
  ASSERT_THAT(kept_.records, SizeIs(1));
  EXPECT_EQ(kept_.records[0].part, "store");
  EXPECT_EQ(kept_.records[0].level, LogLevel::kWarning);
  EXPECT_EQ(kept_.records[0].time, clock_.WallNow());
  EXPECT_EQ(kept_.records[0].fields[1].first, "level");
}

TEST_F(LogTest, AnEventNamesTheTraceItBelongsTo) {
  const Log log("traced", clock_);
  {
    const ScopedSpan scope(kSpan);
    log.Info("inside");
  }
  log.Info("outside");
  const auto lines = Lines();
  EXPECT_THAT(lines[0],
              HasSubstr(R"("trace_id":"0102030405060708090a0b0c0d0e0f10",)"
                        R"("span_id":"1112131415161718"})"));
  EXPECT_THAT(lines[1], ::testing::Not(HasSubstr("trace_id")));
  EXPECT_EQ(kept_.records[0].span, kSpan);
}

TEST_F(LogTest, TextIsForPeople) {
  Log::SetFormat(LogFormat::kText);
  const Log log("config", clock_);
  log.Error("bad\nfile", {{"path", "/a \"b\""}});
  EXPECT_THAT(Lines(), ElementsAre("2026-01-01T01:00:00.000Z error config: "
                                   R"(bad\nfile path="/a \"b\"")"));
}

TEST_F(LogTest, WithoutATerminalAutoIsJson) {
  Log::SetFormat(LogFormat::kAuto);
  Log("auto", clock_).Info("x");
  EXPECT_EQ(Lines().at(0).substr(0, 9), R"({"time":")");
}

TEST(LogFormat, ColoursTellLevelsApartAsTheWordsDo) {
  LogRecord record;
  record.part = "p";
  record.message = "m";
  record.level = LogLevel::kError;
  EXPECT_EQ(TextLine(record, /*colour=*/true),
            "1970-01-01T00:00:00.000Z \x1b[31merror\x1b[0m p: m\n");
  record.level = LogLevel::kInfo;
  EXPECT_EQ(TextLine(record, /*colour=*/true), TextLine(record, false));
}

TEST(LogLevels, HaveNamesAndNumbers) {
  EXPECT_EQ(SeverityNumber(LogLevel::kDebug), 5);
  EXPECT_EQ(SeverityNumber(LogLevel::kInfo), 9);
  EXPECT_EQ(SeverityNumber(LogLevel::kWarning), 13);
  EXPECT_EQ(SeverityNumber(LogLevel::kError), 17);
  EXPECT_EQ(LogLevelNamed("warning"), LogLevel::kWarning);
  EXPECT_EQ(LogLevelNamed("WARNING"), std::nullopt);
}

TEST_F(LogTest, PartsHaveLevelsOfTheirOwn) {
  const Log quiet("levels-quiet", clock_);
  const Log loud("levels-loud", clock_);
  quiet.Debug("1");
  EXPECT_TRUE(Log::SetLevel("levels-loud", LogLevel::kDebug));
  EXPECT_TRUE(Log::SetLevel("levels-quiet", LogLevel::kError));
  quiet.Warning("2");
  quiet.Error("3");
  loud.Debug("4");
  Log::SetMinimum(LogLevel::kError);
  loud.Debug("5");
  Log::ClearLevel("levels-loud");
  loud.Warning("6");
  Log::SetMinimum(LogLevel::kDebug);
  loud.Debug("7");
  quiet.Warning("8");
  EXPECT_THAT(kept_.Messages(), ElementsAre("3", "4", "5", "7"));
  EXPECT_EQ(Log::Minimum(), LogLevel::kDebug);
  int found = 0;
  for (const LogPart& part : Log::Levels()) {
    if (part.name == "levels-loud") {
      ++found;
      EXPECT_EQ(part.level, LogLevel::kDebug);
      EXPECT_FALSE(part.own_level);
    } else if (part.name == "levels-quiet") {
      ++found;
      EXPECT_EQ(part.level, LogLevel::kError);
      EXPECT_TRUE(part.own_level);
    }
  }
  EXPECT_EQ(found, 2);
  Log::ClearLevel("levels-quiet");
}

TEST_F(LogTest, WhatIsSaidAgainAndAgainIsHeldBackAndCounted) {
  const Log log("again", clock_);
  for (int i = 0; i < 9; ++i) {
    log.Info("the same", {{"i", std::to_string(i)}});
    clock_.Advance(milliseconds(100));
  }
  log.Info("another");
  EXPECT_THAT(Lines(), SizeIs(6));
  Log::Tick(clock_);
  EXPECT_THAT(Lines(), IsEmpty());
  clock_.Advance(seconds(10));
  Log::Tick(clock_);
  Log::Tick(clock_);
  const auto lines = Lines();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], HasSubstr(R"("message":"the same … repeated",)"
                                  R"("count":"4","within_s":"10"})"));
  EXPECT_EQ(kept_.records.back().message, "the same … repeated");
  log.Info("the same");  // a new window
  EXPECT_THAT(Lines(), SizeIs(1));
}

TEST_F(LogTest, TheNextEventTellsOfTheWindowThatIsOver) {
  const Log log("window", clock_,
                {.most = 1, .window = std::chrono::minutes(1)});
  log.Error("down");
  log.Error("down");
  clock_.Advance(seconds(61));
  log.Error("down");
  EXPECT_THAT(kept_.Messages(), ElementsAre("down", "down … repeated", "down"));
  EXPECT_EQ(kept_.records[1].level, LogLevel::kError);
}

TEST_F(LogTest, FlushTellsBeforeTheWindowIsOver) {
  const Log log("flush", clock_, {.most = 1});
  log.Info("x");
  log.Info("x");
  Log::Flush(clock_);
  EXPECT_THAT(kept_.Messages(), ElementsAre("x", "x … repeated"));
}

TEST_F(LogTest, EventsAreCounted) {
  Registry registry;
  const Observation observation = ObserveLog(registry);
  const auto count = [&](absl::string_view name, absl::string_view level) {
    const Snapshot snapshot = registry.Collect();
    for (const Point& point : Find(snapshot, name)->points) {
      if (AttributeOf(point, "level") == level) return NumberOf(point);
    }
    return -1.0;
  };
  const double before = count("outrigger.log.events", "error");
  const double held_before = count("outrigger.log.held_back", "");
  const Log log("counted", clock_);
  for (int i = 0; i < 7; ++i) log.Error("e");
  EXPECT_EQ(count("outrigger.log.events", "error") - before, 7);
  EXPECT_EQ(count("outrigger.log.held_back", "") - held_before, 2);
}

TEST_F(LogTest, LinesOfSeveralThreadsStayWhole) {
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  const std::string long_text(3000, 'x');
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const Log log("thread" + std::to_string(t), clock_, {.most = kEach});
      for (int i = 0; i < kEach; ++i) log.Info("whole", {{"text", long_text}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto lines = Lines();
  EXPECT_THAT(lines, SizeIs(kThreads * kEach));
  for (const std::string& line : lines) {
    EXPECT_TRUE(line.front() == '{' && line.back() == '}' &&
                line.find('{', 1) == std::string::npos);
  }
}

TEST(RepeatedMessages, KeepsABoundedNumber) {
  RepeatedMessages repeated;
  const HoldBack once{.most = 1};
  const MonotonicTime now{seconds(1)};
  for (size_t i = 0; i < RepeatedMessages::kMost; ++i) {
    EXPECT_TRUE(
        repeated.Grant(now, LogLevel::kInfo, "p", std::to_string(i), once));
  }
  EXPECT_TRUE(repeated.Grant(now, LogLevel::kInfo, "p", "more", once));
  EXPECT_TRUE(repeated.Grant(now, LogLevel::kInfo, "p", "more", once));
  EXPECT_FALSE(repeated.Grant(now, LogLevel::kInfo, "p", "0", once));
  EXPECT_THAT(repeated.TakeOver(now + seconds(10)), SizeIs(1));
  EXPECT_TRUE(repeated.Grant(now, LogLevel::kInfo, "p", "more", once));
  EXPECT_FALSE(repeated.Grant(now, LogLevel::kInfo, "p", "more", once));
}

}  // namespace
}  // namespace outrigger::telemetry
