// The floor: what gRPC itself costs. A server with one completion queue, one
// thread and no logic, that answers Allow and AllowMany with a message made in
// advance, of the size that the product's has.
//
//   bench_echo --unix_socket /tmp/e.sock [--tcp_port 20001] [--tuned] [--raw]
//       [--get_bytes 256] [--part breaker|pool]
//
// It prints "ready" when it serves, and stops when it is killed.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "outrigger/breaker/v1/breaker.grpc.pb.h"
#include "outrigger/cache/v1/cache.grpc.pb.h"
#include "outrigger/pool/v1/pool.grpc.pb.h"
#include "outrigger/ratelimit/v1/rate_limiter.grpc.pb.h"

ABSL_FLAG(std::string, unix_socket, "", "Path to listen on; empty: none.");
ABSL_FLAG(int, tcp_port, 0, "Port on 127.0.0.1 to listen on; 0: none.");
ABSL_FLAG(bool, tuned, false, "The channel arguments that the product sets.");
ABSL_FLAG(bool, raw, false, "Leave messages unparsed, as bytes.");
ABSL_FLAG(bool, mutex_checks, true,
          "Leave absl::Mutex's search for deadlocks as the package has it.");
ABSL_FLAG(std::vector<std::string>, channel_args, {},
          "Further channel arguments, as name=number.");
ABSL_FLAG(int, posted, 128, "Calls of Allow that are posted in advance.");
ABSL_FLAG(int, get_bytes, 0,
          "Answer a cache's Get, with a value of so many bytes, instead.");
ABSL_FLAG(
    std::string, part, "",
    "Answer another part's calls instead: a breaker's Acquire (breaker), a "
    "pool's Acquire and Release (pool).");
ABSL_FLAG(int, many, 64, "Answers in the response of AllowMany.");

namespace {

namespace pb = outrigger::ratelimit::v1;
namespace breakerpb = outrigger::breaker::v1;
namespace cachepb = outrigger::cache::v1;
namespace poolpb = outrigger::pool::v1;

// What travels through the completion queue.
class Tag {
 public:
  virtual ~Tag() = default;
  virtual void Proceed(bool ok) = 0;
};

// One posted call: waits for a request, answers it, posts itself again.
// `Post` is a function of (context, request, responder, tag).
template <typename Request, typename Response, typename Post>
class EchoCall final : public Tag {
 public:
  EchoCall(Post post, const Response& response)
      : post_(std::move(post)), response_(response) {
    Wait();
  }

  void Proceed(bool ok) override {
    if (answered_ || !ok) {
      Wait();
      return;
    }
    answered_ = true;
    responder_->Finish(response_, grpc::Status::OK, this);
  }

 private:
  void Wait() {
    answered_ = false;
    responder_.reset();
    context_.emplace();
    responder_.emplace(&*context_);
    post_(&*context_, &request_, &*responder_, this);
  }

  const Post post_;
  const Response& response_;
  Request request_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<Response>> responder_;
  bool answered_ = false;
};

pb::AllowResponse CannedAnswer() {
  pb::AllowResponse answer;
  answer.set_allowed(true);
  answer.set_limit("per_user");
  answer.set_remaining(98765);
  answer.mutable_reset_after()->set_nanos(1234567);
  return answer;
}

pb::AllowManyResponse CannedAnswers(int count) {
  pb::AllowManyResponse answers;
  for (int i = 0; i < count; ++i) *answers.add_responses() = CannedAnswer();
  return answers;
}

// As an L1 hit is answered.
cachepb::GetResponse CannedHit(size_t bytes) {
  cachepb::GetResponse answer;
  answer.set_status(cachepb::HIT);
  answer.set_value(std::string(bytes, 'v'));
  answer.set_version(1'767'225'600'000'000);
  answer.mutable_age()->set_seconds(3);
  answer.mutable_age()->set_nanos(125'000'000);
  answer.mutable_ttl()->set_seconds(280);
  answer.mutable_ttl()->set_nanos(125'000'000);
  answer.mutable_stale_ttl()->set_seconds(30);
  answer.set_coherent(true);
  return answer;
}

// As a closed breaker answers.
breakerpb::AcquireResponse CannedPermit() {
  breakerpb::AcquireResponse answer;
  answer.set_allowed(true);
  answer.set_state(breakerpb::CLOSED);
  answer.set_generation(1'767'225'600'000'000);
  answer.set_permit(4'771'550'190'152'712'193);
  return answer;
}

poolpb::AcquireResponse CannedSlot() {
  poolpb::AcquireResponse answer;
  answer.set_acquired(true);
  answer.set_lease_id(281'475'036'772'180);
  answer.set_fencing_token(1'767'225'600'000'000);
  answer.mutable_endpoint()->set_address("127.0.0.1:20001");
  answer.mutable_expires_after()->set_seconds(29);
  answer.mutable_expires_after()->set_nanos(125'000'000);
  return answer;
}

grpc::ByteBuffer ToBytes(const google::protobuf::MessageLite& message) {
  grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

// The arguments by which the product makes calls cheaper;
// src/rpc/core/server.cc.
void Tune(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
}

void Configure(grpc::ServerBuilder& builder) {
  if (const std::string path = absl::GetFlag(FLAGS_unix_socket); !path.empty())
    builder.AddListeningPort("unix:" + path, grpc::InsecureServerCredentials());
  if (const int port = absl::GetFlag(FLAGS_tcp_port); port != 0)
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port),
                             grpc::InsecureServerCredentials());
  if (absl::GetFlag(FLAGS_tuned)) Tune(builder);
  for (const std::string& arg : absl::GetFlag(FLAGS_channel_args)) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(arg, '=');
    builder.AddChannelArgument(parts.first, std::stoi(parts.second));
  }
}

// Serves with the given service until killed; `make_calls` posts the calls.
template <typename Service, typename MakeCalls>
int Serve(Service& service, MakeCalls make_calls) {
  grpc::ServerBuilder builder;
  Configure(builder);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::ServerCompletionQueue> queue =
      builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  const std::vector<std::unique_ptr<Tag>> calls = make_calls(queue.get());
  std::puts("ready");
  std::fflush(stdout);
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<Tag*>(tag)->Proceed(ok);
  return 0;
}

// One posted call, of whatever types the service's Request… method takes.
template <typename Request, typename Response, typename Post>
std::unique_ptr<Tag> MakeCall(Post post, const Response& response) {
  return std::make_unique<EchoCall<Request, Response, Post>>(std::move(post),
                                                             response);
}

template <typename Request, typename Response, typename ManyRequest,
          typename ManyResponse, typename Service>
int ServeBoth(Service& service, const Response& one, const ManyResponse& many) {
  return Serve(service, [&](grpc::ServerCompletionQueue* queue) {
    std::vector<std::unique_ptr<Tag>> calls;
    for (int i = 0; i < absl::GetFlag(FLAGS_posted); ++i) {
      calls.push_back(MakeCall<Request>(
          [&service, queue](auto* context, auto* request, auto* responder,
                            void* tag) {
            service.RequestAllow(context, request, responder, queue, queue,
                                 tag);
          },
          one));
      calls.push_back(MakeCall<ManyRequest>(
          [&service, queue](auto* context, auto* request, auto* responder,
                            void* tag) {
            service.RequestAllowMany(context, request, responder, queue, queue,
                                     tag);
          },
          many));
    }
    return calls;
  });
}

int ServeGet(const cachepb::GetResponse& hit) {
  cachepb::Cache::AsyncService service;
  return Serve(service, [&](grpc::ServerCompletionQueue* queue) {
    std::vector<std::unique_ptr<Tag>> calls;
    for (int i = 0; i < absl::GetFlag(FLAGS_posted); ++i) {
      calls.push_back(MakeCall<cachepb::GetRequest>(
          [&service, queue](auto* context, auto* request, auto* responder,
                            void* tag) {
            service.RequestGet(context, request, responder, queue, queue, tag);
          },
          hit));
    }
    return calls;
  });
}

int ServeBreaker() {
  const breakerpb::AcquireResponse permit = CannedPermit();
  breakerpb::Breaker::AsyncService service;
  return Serve(service, [&](grpc::ServerCompletionQueue* queue) {
    std::vector<std::unique_ptr<Tag>> calls;
    for (int i = 0; i < absl::GetFlag(FLAGS_posted); ++i) {
      calls.push_back(MakeCall<breakerpb::AcquireRequest>(
          [&service, queue](auto* context, auto* request, auto* responder,
                            void* tag) {
            service.RequestAcquire(context, request, responder, queue, queue,
                                   tag);
          },
          permit));
    }
    return calls;
  });
}

int ServePool() {
  const poolpb::AcquireResponse slot = CannedSlot();
  poolpb::ReleaseResponse released;
  released.set_released(true);
  poolpb::Pool::AsyncService service;
  return Serve(service, [&](grpc::ServerCompletionQueue* queue) {
    std::vector<std::unique_ptr<Tag>> calls;
    for (int i = 0; i < absl::GetFlag(FLAGS_posted); ++i) {
      calls.push_back(MakeCall<poolpb::AcquireRequest>(
          [&service, queue](auto* context, auto* request, auto* responder,
                            void* tag) {
            service.RequestAcquire(context, request, responder, queue, queue,
                                   tag);
          },
          slot));
      calls.push_back(MakeCall<poolpb::ReleaseRequest>(
          [&service, queue](auto* context, auto* request, auto* responder,
                            void* tag) {
            service.RequestRelease(context, request, responder, queue, queue,
                                   tag);
          },
          released));
    }
    return calls;
  });
}

}  // namespace

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  if (!absl::GetFlag(FLAGS_mutex_checks))
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  if (const int bytes = absl::GetFlag(FLAGS_get_bytes); bytes > 0)
    return ServeGet(CannedHit(static_cast<size_t>(bytes)));
  if (absl::GetFlag(FLAGS_part) == "breaker") return ServeBreaker();
  if (absl::GetFlag(FLAGS_part) == "pool") return ServePool();
  const pb::AllowResponse one = CannedAnswer();
  const pb::AllowManyResponse many = CannedAnswers(absl::GetFlag(FLAGS_many));
  if (absl::GetFlag(FLAGS_raw)) {
    pb::RateLimiter::WithRawMethod_Allow<
        pb::RateLimiter::WithRawMethod_AllowMany<pb::RateLimiter::Service>>
        service;
    return ServeBoth<grpc::ByteBuffer, grpc::ByteBuffer, grpc::ByteBuffer,
                     grpc::ByteBuffer>(service, ToBytes(one), ToBytes(many));
  }
  pb::RateLimiter::AsyncService service;
  return ServeBoth<pb::AllowRequest, pb::AllowResponse, pb::AllowManyRequest,
                   pb::AllowManyResponse>(service, one, many);
}
