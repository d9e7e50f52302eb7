// pool status, acquire, release.
#include "cli/commands.h"

#include <cstdio>
#include <string>

#include "absl/strings/ascii.h"
#include "cli/call.h"
#include "cli/pool/text.h"
#include "outrigger/pool/v1/pool.grpc.pb.h"

namespace outrigger::cli {
namespace {

using pool::v1::AcquireRequest;
using pool::v1::AcquireResponse;
using pool::v1::Pool;
using pool::v1::ReleaseRequest;
using pool::v1::ReleaseResponse;
using pool::v1::StatusRequest;
using pool::v1::StatusResponse;

int RunStatus(const Invocation& invocation) {
  const auto& words = invocation.args.positional();
  const absl::Status status =
      CheckOperands(invocation, 0, 1, "a pool, or none for all");
  if (!status.ok()) return Fail(kError, status.message());
  StatusRequest request;
  if (!words.empty()) request.set_pool(words[0]);
  return Ask(invocation, &Pool::Stub::Status, request, DescribePools,
             [](const StatusResponse&) { return kOk; });
}

absl::Status ReadAcquire(const Invocation& invocation, AcquireRequest* request,
                         Duration* timeout) {
  const Args& args = invocation.args;
  absl::Status status = CheckOperands(invocation, 1, 1, "a pool");
  if (!status.ok()) return status;
  const absl::StatusOr<pool::v1::Role> role = ReadRole(args.Get("role"));
  if (!role.ok()) return role.status();
  status =
      ReadTime(args, "max-wait", [&] { return request->mutable_max_wait(); });
  *timeout += std::chrono::seconds(request->max_wait().seconds());
  request->set_pool(args.positional()[0]);
  request->set_role(*role);
  request->set_session_key(args.Get("session"));
  return status;
}

int RunAcquire(const Invocation& invocation) {
  AcquireRequest request;
  Duration timeout = kCallTimeout;
  const absl::Status status = ReadAcquire(invocation, &request, &timeout);
  if (!status.ok()) return Fail(kError, status.message());
  return Ask(
      invocation, &Pool::Stub::Acquire, request, DescribeSlot,
      [](const AcquireResponse& response) {
        return response.acquired() ? kOk : kNo;
      },
      timeout);
}

absl::Status ReadRelease(const Invocation& invocation,
                         ReleaseRequest* request) {
  absl::Status status = CheckOperands(invocation, 1, 1, "a lease's number");
  if (!status.ok()) return status;
  uint64_t lease_id = 0;
  const std::string& word = invocation.args.positional()[0];
  if (!absl::SimpleAtoi(word, &lease_id)) {
    return absl::InvalidArgumentError(
        absl::StrCat(word, " is not a lease's number"));
  }
  request->set_lease_id(lease_id);
  const std::string result =
      absl::AsciiStrToUpper(invocation.args.Get("result"));
  pool::v1::Result read = pool::v1::IGNORED;
  if (!result.empty() && !pool::v1::Result_Parse(result, &read)) {
    return absl::InvalidArgumentError(
        "--result: must be success, failure or ignored");
  }
  request->set_result(read);
  return absl::OkStatus();
}

int RunRelease(const Invocation& invocation) {
  ReleaseRequest request;
  const absl::Status status = ReadRelease(invocation, &request);
  if (!status.ok()) return Fail(kError, status.message());
  return Ask(
      invocation, &Pool::Stub::Release, request,
      [](const ReleaseResponse& response) -> std::string {
        return response.released() ? "released\n"
                                   : "not held: released or expired before\n";
      },
      [](const ReleaseResponse& response) {
        return response.released() ? kOk : kNo;
      });
}

}  // namespace

Command PoolStatusCommand() {
  return {"pool status",
          "[NAME]",
          "the pools' slots, endpoints and longest leases",
          "IN USE, SLOTS and WAITING are this pod's; FLEET is what all pods\n"
          "have of the cap.",
          WithClientFlags({}),
          RunStatus};
}

Command PoolAcquireCommand() {
  return {"pool acquire",
          "NAME",
          "take a slot, until it is released or expires",
          "Exit 0: acquired; 1: none; 2: no answer.",
          WithClientFlags({{"role", "R", "any, primary, replica or shard"},
                           {"session", "KEY", "keeps to one endpoint"},
                           {"max-wait", "TIME", "wait up to this"}}),
          RunAcquire};
}

Command PoolReleaseCommand() {
  return {"pool release",
          "LEASE",
          "give a slot back",
          "Exit 0: it was held; 1: it was not; 2: no answer.",
          WithClientFlags(
              {{"result", "R", "how the endpoint did: success or failure"}}),
          RunRelease};
}

}  // namespace outrigger::cli
