// cache get, warm, watch, status.
#include <cstdio>

#include "cli/cache/text.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "outrigger/cache/v1/cache.grpc.pb.h"

namespace outrigger::cli {
namespace {

using cache::v1::Cache;
using cache::v1::GetRequest;
using cache::v1::GetResponse;
using cache::v1::StatusRequest;
using cache::v1::StatusResponse;
using cache::v1::WarmRequest;
using cache::v1::WarmResponse;
using cache::v1::WatchEvent;
using cache::v1::WatchRequest;

int HasValue(const GetResponse& response) {
  return response.status() == cache::v1::ABSENT ||
                 response.status() == cache::v1::MISS
             ? kNo
             : kOk;
}

int RunGet(const Invocation& invocation) {
  const Args& args = invocation.args;
  GetRequest request;
  absl::Status status =
      CheckOperands(invocation, 2, 2, "a namespace and a key");
  uint64_t version = 0;
  if (status.ok()) status = ReadNumber(args, "min-version", &version);
  if (status.ok()) {
    status =
        ReadTime(args, "max-wait", [&] { return request.mutable_max_wait(); });
  }
  if (!status.ok()) return Fail(kError, status.message());
  request.set_namespace_(args.positional()[0]);
  request.set_key(args.positional()[1]);
  request.set_min_version(version);
  request.set_no_fill(!args.Has("fill"));
  return Ask(invocation, &Cache::Stub::Get, request, DescribeGet, HasValue);
}

int RunWarm(const Invocation& invocation) {
  const auto& words = invocation.args.positional();
  const absl::Status status =
      CheckOperands(invocation, 1, 1001, "a namespace, and keys if you like");
  if (!status.ok()) return Fail(kError, status.message());
  WarmRequest request;
  request.set_namespace_(words[0]);
  request.mutable_keys()->Assign(words.begin() + 1, words.end());
  return Ask(
      invocation, &Cache::Stub::Warm, request,
      [](const WarmResponse& response) {
        return absl::StrCat(response.loaded(), " loaded into this pod\n");
      },
      [](const WarmResponse&) { return kOk; });
}

int RunWatch(const Invocation& invocation) {
  const auto& words = invocation.args.positional();
  const absl::Status status =
      CheckOperands(invocation, 1, 1001, "a namespace, and keys if you like");
  if (!status.ok()) return Fail(kError, status.message());
  const std::vector<std::string> tags = invocation.args.All("tag");
  WatchRequest request;
  request.set_namespace_(words[0]);
  request.mutable_keys()->Assign(words.begin() + 1, words.end());
  request.mutable_tags()->Assign(tags.begin(), tags.end());
  grpc::ClientContext context;
  const auto stub = Cache::NewStub(ChannelTo(TargetOf(invocation)));
  const auto events = stub->Watch(&context, request);
  return Follow(invocation, *events, WatchEvent(), DescribeEvent);
}

int RunStatus(const Invocation& invocation) {
  const absl::Status status = CheckOperands(invocation, 0, 0, "no operands");
  if (!status.ok()) return Fail(kError, status.message());
  return Ask(invocation, &Cache::Stub::Status, StatusRequest(), DescribeStatus,
             [](const StatusResponse&) { return kOk; });
}

}  // namespace

Command CacheGetCommand() {
  return {"cache get",
          "NS KEY",
          "read a value",
          "Exit 0: there is one; 1: there is none; 2: no answer. It only\n"
          "looks, unless it is told to fill: then it may wait for another's\n"
          "load, or be given a token for `cache set --token`.",
          WithClientFlags(
              {{"fill", "", "load it: wait for another, or get a token"},
               {"max-wait", "TIME", "with --fill: wait up to this"},
               {"min-version", "N", "nothing older than this"}}),
          RunGet};
}

Command CacheWarmCommand() {
  return {"cache warm",
          "NS [KEY…]",
          "copy values from the store into this pod",
          "Without keys: those that the fleet reads most.",
          WithClientFlags({}),
          RunWarm};
}

Command CacheWatchCommand() {
  return {"cache watch",
          "NS [KEY…]",
          "print what changes, until Ctrl-C",
          "Without keys and tags: everything in the namespace.",
          WithClientFlags({{"tag", "T", "this tag; may be given again"}}),
          RunWatch};
}

Command CacheStatusCommand() {
  return {"cache status",
          "",
          "what this pod's caches hold and answer",
          "HIT% counts all but misses. The counts are since the start.",
          WithClientFlags({}),
          RunStatus};
}

}  // namespace outrigger::cli
