#include "absl/strings/str_cat.h"
#include "outrigger/grpc_server.h"
#include "outrigger/headers.h"
#include "rpc/answers.h"

namespace outrigger::client {

namespace internal {

grpc::Status ToAnswer(const absl::StatusOr<Decision>& decision) {
  if (!decision.ok()) {
    return grpc::Status(
        grpc::StatusCode::INTERNAL,
        absl::StrCat("rate limit: ", decision.status().message()));
  }
  if (decision->allowed) return grpc::Status::OK;
  return grpc::Status(
      grpc::StatusCode::RESOURCE_EXHAUSTED,
      decision->limit.empty()
          ? "too many requests"
          : absl::StrCat("too many requests: limit ", decision->limit));
}

}  // namespace internal

namespace {

grpc::Status Answer(grpc::ServerContextBase& context,
                    const absl::StatusOr<Decision>& decision) {
  if (decision.ok()) {
    for (const auto& [name, value] : RateLimitHeaders(*decision)) {
      context.AddTrailingMetadata(name, value);
    }
  }
  return internal::ToAnswer(decision);
}

}  // namespace

grpc::Status Guard(Limiter& limiter, grpc::ServerContextBase& context,
                   const Attributes& attributes, AllowOptions options) {
  options.detail = true;
  return Answer(context, limiter.Allow(attributes, options));
}

void GuardAsync(Limiter& limiter, grpc::ServerContextBase& context,
                const Attributes& attributes, AllowOptions options,
                absl::AnyInvocable<void(grpc::Status)> done) {
  options.detail = true;
  limiter.AllowAsync(attributes, options,
                     [&context, done = std::move(done)](
                         const absl::StatusOr<Decision>& decision) mutable {
                       done(Answer(context, decision));
                     });
}

}  // namespace outrigger::client
