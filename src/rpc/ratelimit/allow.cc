#include "rpc/ratelimit/allow.h"

#include <memory>
#include <string>
#include <utility>

#include "rpc/ratelimit/allow_batch.h"
#include "rpc/ratelimit/allow_wire.h"
#include "rpc/ratelimit/validate.h"
#include "rpc/wire/wire_writer.h"

namespace outrigger::rpc {
namespace {

// What a trace tells of an answer; those of note are traced in any case.
void Describe(const coord::AllowAnswer& answer, telemetry::ActiveSpan& span) {
  if (!answer.allowed || answer.degraded) span.KeepNotable();
  if (!span.recording()) return;
  if (!answer.decided.name.empty()) {
    span.Set("outrigger.allow.limit", std::string(answer.decided.name));
    span.Set("outrigger.allow.remaining", answer.decided.verdict.remaining);
  }
  span.Set("outrigger.allow.allowed", answer.allowed);
  span.Set("outrigger.degraded", answer.degraded);
  if (answer.waited_us > 0) {
    span.Set("outrigger.allow.waited",
             static_cast<double>(answer.waited_us) / 1e6);
  }
}

void FinishWithAnswer(const coord::AllowAnswer& answer,
                      RawCompletion completion) {
  thread_local std::string bytes;  // keeps its capacity
  bytes.clear();
  Describe(answer, completion.span());
  AppendAllowResponse(answer, &bytes);
  FinishWithBytes(bytes, std::move(completion));
}

void FinishWithStreamError(uint64_t id, const absl::Status& status,
                           RawCompletion completion) {
  std::string bytes;
  AppendUint(1, id, &bytes);
  AppendMessage(3, &bytes, [&] {
    AppendUint(1, static_cast<uint64_t>(status.code()), &bytes);
    AppendText(2, status.message(), &bytes);
  });
  FinishWithBytes(bytes, std::move(completion));
}

}  // namespace

void AllowHandlers::Allow(const grpc::ByteBuffer& request,
                          RawCompletion completion) {
  grpc::Slice slice;
  AllowFields fields;
  if (!ReadAllowRequest(BytesOf(request, &slice), &fields)) {
    completion.Finish(NotAMessage("AllowRequest"));
    return;
  }
  coord::AllowQuery query;
  absl::Status status = MakeQuery(fields, &query);
  if (!status.ok()) {
    completion.Finish(std::move(status));
    return;
  }
  BoundWait(completion.deadline(), clock_, &query);
  coord::AllowAnswer answer;
  if (!limiter_.AllowNow(query, &answer, &status)) {
    Park(query, std::move(completion));
  } else if (status.ok()) {
    FinishWithAnswer(answer, std::move(completion));
  } else {
    completion.Finish(std::move(status));
  }
}

void AllowHandlers::Park(const coord::AllowQuery& query,
                         RawCompletion completion) {
  // Set and read on the serving thread: see OnClientGone.
  auto ticket = std::make_shared<coord::Limiter::Ticket>(0);
  completion.OnClientGone([this, ticket] { limiter_.Cancel(*ticket); });
  *ticket = limiter_.AllowLater(
      query, [completion = std::move(completion)](
                 absl::StatusOr<coord::AllowAnswer> answer) mutable {
        if (answer.ok()) {
          FinishWithAnswer(*answer, std::move(completion));
        } else {
          completion.Finish(answer.status());
        }
      });
}

void AllowHandlers::AllowMany(const grpc::ByteBuffer& request,
                              RawCompletion completion) {
  grpc::Slice slice;
  BatchFields batch;
  if (!ReadAllowMany(BytesOf(request, &slice), &batch)) {
    completion.Finish(NotAMessage("AllowManyRequest"));
    return;
  }
  constexpr int kResponses = 1;  // AllowManyResponse.responses
  DecideBatch(limiter_, clock_, batch.requests, kResponses, std::string(),
              std::move(completion),
              [](absl::StatusOr<std::string> bytes, RawCompletion completion) {
                if (bytes.ok()) {
                  FinishWithBytes(*bytes, std::move(completion));
                } else {
                  completion.Finish(bytes.status());
                }
              });
}

void AllowHandlers::AllowStream(const grpc::ByteBuffer& request,
                                RawCompletion completion) {
  grpc::Slice slice;
  BatchFields batch;
  if (!ReadAllowStream(BytesOf(request, &slice), &batch)) {
    FinishWithStreamError(0, NotAMessage("AllowStreamRequest"),
                          std::move(completion));
    return;
  }
  constexpr int kResponses = 2;  // AllowStreamResponse.responses
  std::string start;
  AppendUint(1, batch.id, &start);
  DecideBatch(limiter_, clock_, batch.requests, kResponses, std::move(start),
              std::move(completion),
              [id = batch.id](absl::StatusOr<std::string> bytes,
                              RawCompletion completion) {
                if (bytes.ok()) {
                  FinishWithBytes(*bytes, std::move(completion));
                } else {
                  FinishWithStreamError(id, bytes.status(),
                                        std::move(completion));
                }
              });
}

}  // namespace outrigger::rpc
