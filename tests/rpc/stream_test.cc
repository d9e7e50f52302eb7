// AllowStream: many questions under way, answers that overtake, and its ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "rpc/serving.h"
#include "support/wait_for.h"
#include "telemetry/metrics.h"

namespace outrigger::rpc {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

v1::AllowStreamRequest Question(uint64_t id, const std::string& user) {
  v1::AllowStreamRequest request;
  request.set_id(id);
  (*request.add_requests()->mutable_attributes())["user"] = user;
  return request;
}

TEST(StreamTest, EveryQuestionIsAnsweredEvenAfterHalfClose) {
  Serving serving({.limits = {PerUser("five", 5, hours(1), 5)}});
  grpc::ClientContext context;
  SetPatience(&context);
  auto stream = serving.stub().AllowStream(&context);
  constexpr uint64_t kQuestions = 1000;
  for (uint64_t id = 1; id <= kQuestions; ++id) {
    ASSERT_TRUE(stream->Write(Question(id, "ann")));
  }
  stream->WritesDone();
  std::set<uint64_t> ids;
  int allowed = 0;
  v1::AllowStreamResponse response;
  while (stream->Read(&response)) {
    ids.insert(response.id());
    ASSERT_EQ(response.responses_size(), 1);
    allowed += response.responses(0).allowed() ? 1 : 0;
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(ids.size(), kQuestions);
  EXPECT_EQ(allowed, 5);
}

TEST(StreamTest, AnEmptyStreamEndsWell) {
  Serving serving({});
  grpc::ClientContext context;
  SetPatience(&context);
  auto stream = serving.stub().AllowStream(&context);
  stream->WritesDone();
  v1::AllowStreamResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(StreamTest, ABadMessageIsAnErrorInItsAnswerAndTheStreamGoesOn) {
  Serving serving({.limits = {PerUser("five", 5, hours(1), 5)}});
  grpc::ClientContext context;
  SetPatience(&context);
  auto stream = serving.stub().AllowStream(&context);
  v1::AllowStreamRequest bad = Question(7, "ann");
  bad.mutable_requests(0)->set_limit("nine");
  v1::AllowStreamResponse response;
  ASSERT_TRUE(stream->Write(bad));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.id(), 7);
  EXPECT_EQ(response.responses_size(), 0);
  EXPECT_EQ(response.error().code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(response.error().message(), HasSubstr("requests[0].limit: "));
  ASSERT_TRUE(stream->Write(Question(8, "ann")));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.id(), 8);
  EXPECT_TRUE(response.responses(0).allowed());
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(StreamTest, AQuickAnswerOvertakesAWaitingOne) {
  Serving serving({.limits = {PerUser("slow", 1, milliseconds(300), 1)}});
  grpc::ClientContext context;
  SetPatience(&context);
  auto stream = serving.stub().AllowStream(&context);
  v1::AllowStreamRequest waits = Question(2, "ann");
  waits.mutable_requests(0)->mutable_max_wait()->set_seconds(10);
  for (const auto& question : {Question(1, "ann"), waits, Question(3, "bob")}) {
    ASSERT_TRUE(stream->Write(question));
  }
  stream->WritesDone();
  std::vector<uint64_t> ids;
  v1::AllowStreamResponse response;
  while (stream->Read(&response)) ids.push_back(response.id());
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(ids, testing::ElementsAre(1, 3, 2));
}

TEST(StreamTest, AStreamWhoseClientGoesLeavesNothingParked) {
  Serving serving(
      {.limits = {PerUser("slow", 1, std::chrono::minutes(30), 1)}});
  v1::AllowResponse taken;
  ASSERT_TRUE(serving.Allow("ann", &taken).ok());
  grpc::ClientContext context;
  auto stream = serving.stub().AllowStream(&context);
  v1::AllowStreamRequest waits = Question(1, "ann");
  waits.mutable_requests(0)->mutable_max_wait()->set_seconds(3600);
  ASSERT_TRUE(stream->Write(waits));
  const auto parked = [&] { return serving.limiter().GetStatus().parked; };
  ASSERT_TRUE(WaitFor([&] { return parked() == 1; }));
  context.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(WaitFor([&] { return parked() == 0; }));
}

TEST(StreamTest, MoreStreamsThanMayBeOpenAreRefused) {
  Serving serving({.rate_limiter = {.max_streams = 1}});
  grpc::ClientContext first, second;
  SetPatience(&first);
  SetPatience(&second);
  auto open = serving.stub().AllowStream(&first);
  v1::AllowStreamResponse response;
  ASSERT_TRUE(open->Write(Question(1, "ann")));
  ASSERT_TRUE(open->Read(&response));
  auto refused = serving.stub().AllowStream(&second);
  EXPECT_FALSE(refused->Read(&response));
  EXPECT_EQ(refused->Finish().error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(
      serving.Counted(telemetry::kRpcRefused, {{"bound", "allow_streams"}}), 1);
  open->WritesDone();
  EXPECT_TRUE(open->Finish().ok());
}

TEST(StreamTest, ADrainAnswersWhatWasReadAndEndsTheStreamWell) {
  Serving serving({.limits = {PerUser("five", 5, hours(1), 5)}});
  grpc::ClientContext context;
  SetPatience(&context);
  auto stream = serving.stub().AllowStream(&context);
  ASSERT_TRUE(stream->Write(Question(1, "ann")));
  v1::AllowStreamResponse response;
  ASSERT_TRUE(stream->Read(&response));
  serving.server().Drain(std::chrono::seconds(30));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace outrigger::rpc
