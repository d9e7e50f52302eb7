// What the commands that ask a sidecar have in common: operands, and one call.
#ifndef OUTRIGGER_CLI_CALL_H_
#define OUTRIGGER_CLI_CALL_H_

#include <grpcpp/client_context.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/print.h"
#include "config/text/duration.h"

namespace outrigger::cli {

inline constexpr Duration kCallTimeout = std::chrono::seconds(10);

// kInvalidArgument unless there are `least` to `most` operands; `what` names
// them.
inline absl::Status CheckOperands(const Invocation& invocation, size_t least,
                                  size_t most, absl::string_view what) {
  const size_t count = invocation.args.positional().size();
  if (count >= least && count <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("give ", what, "; `--help` says more"));
}

// Puts the option's time, if it was given, into what `field` answers.
template <typename Field>
absl::Status ReadTime(const Args& args, const std::string& flag, Field field) {
  if (!args.Has(flag)) return absl::OkStatus();
  const absl::StatusOr<Duration> time = config::ParseDuration(args.Get(flag));
  if (!time.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag, ": ", time.status().message()));
  }
  google::protobuf::Duration& duration = *field();
  duration.set_seconds(time->count() / 1'000'000'000);
  duration.set_nanos(static_cast<int32_t>(time->count() % 1'000'000'000));
  return absl::OkStatus();
}

// A number, if it was given.
inline absl::Status ReadNumber(const Args& args, const std::string& flag,
                               uint64_t* number) {
  if (!args.Has(flag) || absl::SimpleAtoi(args.Get(flag), number)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, ": ", args.Get(flag), " is not a number"));
}

// Asks, with `method` of the stub, and prints the answer: as JSON, or as
// `describe` has it. The exit code: kError, or what `judge` says of the answer.
template <typename Stub, typename Request, typename Response>
int Ask(const Invocation& invocation,
        grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                     Response*),
        const Request& request,
        std::type_identity_t<std::string (*)(const Response&)> describe,
        std::type_identity_t<int (*)(const Response&)> judge,
        Duration timeout = kCallTimeout) {
  const std::string target = TargetOf(invocation);
  grpc::ClientContext context;
  SetTimeout(timeout, &context);
  Stub stub(ChannelTo(target));
  Response response;
  const grpc::Status called = (stub.*method)(&context, request, &response);
  if (!called.ok()) return FailWith(called, target);
  const bool json = invocation.args.Has("json");
  const std::string text = json ? ToJson(response) : describe(response);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return judge(response);
}

// Prints what a stream sends, until it ends: as JSON, or as `describe` has it.
template <typename Reader, typename Response>
int Follow(const Invocation& invocation, Reader& reader, Response message,
           std::type_identity_t<std::string (*)(const Response&)> describe) {
  const bool json = invocation.args.Has("json");
  while (reader.Read(&message)) {
    std::fputs((json ? ToJson(message) : describe(message)).c_str(), stdout);
    std::fflush(stdout);
  }
  const grpc::Status ended = reader.Finish();
  return ended.ok() ? kOk : FailWith(ended, TargetOf(invocation));
}

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_CALL_H_
