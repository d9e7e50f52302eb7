// cache set, delete, invalidate.
#include <cstdio>
#include <iterator>
#include <string>

#include "cli/cache/text.h"
#include "cli/call.h"
#include "cli/commands.h"
#include "outrigger/cache/v1/cache.grpc.pb.h"

namespace outrigger::cli {
namespace {

using cache::v1::Cache;
using cache::v1::DeleteRequest;
using cache::v1::DeleteResponse;
using cache::v1::InvalidateRequest;
using cache::v1::InvalidateResponse;
using cache::v1::SetRequest;
using cache::v1::SetResponse;

std::string ReadStdin() {
  std::string text;
  char block[16 * 1024];
  size_t count;
  while ((count = std::fread(block, 1, sizeof(block), stdin)) > 0) {
    text.append(block, count);
  }
  return text;
}

// --token, --if-version, --if-absent.
absl::Status ReadCondition(const Args& args, SetRequest* request) {
  const int given = (args.Has("token") ? 1 : 0) +
                    (args.Has("if-version") ? 1 : 0) +
                    (args.Has("if-absent") ? 1 : 0);
  if (given > 1) {
    return absl::InvalidArgumentError(
        "--token, --if-version and --if-absent: only one of them");
  }
  if (args.Has("if-absent")) request->set_if_absent(true);
  if (args.Has("token")) {
    const absl::StatusOr<std::string> token = FromHex(args.Get("token"));
    if (!token.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--token: ", token.status().message()));
    }
    request->set_fill_token(*token);
  }
  if (!args.Has("if-version")) return absl::OkStatus();
  uint64_t version = 0;
  const absl::Status status = ReadNumber(args, "if-version", &version);
  request->set_if_version(version);
  return status;
}

absl::Status ReadSet(const Invocation& invocation, SetRequest* request) {
  const Args& args = invocation.args;
  const bool absent = args.Has("absent");
  absl::Status status =
      absent ? CheckOperands(invocation, 2, 2,
                             "a namespace and a key (and no value: --absent)")
             : CheckOperands(invocation, 3, 3,
                             "a namespace, a key and a value (\"-\": stdin)");
  if (status.ok()) {
    status = ReadTime(args, "ttl", [&] { return request->mutable_ttl(); });
  }
  if (status.ok()) {
    status = ReadTime(args, "stale-for",
                      [&] { return request->mutable_stale_for(); });
  }
  if (status.ok()) status = ReadCondition(args, request);
  if (!status.ok()) return status;
  request->set_namespace_(args.positional()[0]);
  request->set_key(args.positional()[1]);
  if (!absent) {
    const std::string& value = args.positional()[2];
    request->set_value(value == "-" ? ReadStdin() : value);
  }
  for (const std::string& tag : args.All("tag")) request->add_tags(tag);
  request->set_absent(absent);
  request->set_write_behind(args.Has("write-behind"));
  return absl::OkStatus();
}

int RunSet(const Invocation& invocation) {
  SetRequest request;
  const absl::Status status = ReadSet(invocation, &request);
  if (!status.ok()) return Fail(kError, status.message());
  return Ask(invocation, &Cache::Stub::Set, request, DescribeSet,
             [](const SetResponse& response) {
               return response.stored() ? kOk : kNo;
             });
}

std::string DescribeDelete(const DeleteResponse& response) {
  return absl::StrCat(response.deleted() ? "deleted" : "there was none",
                      response.degraded() ? " (degraded)" : "", "\n");
}

int RunDelete(const Invocation& invocation) {
  DeleteRequest request;
  absl::Status status =
      CheckOperands(invocation, 2, 2, "a namespace and a key");
  uint64_t version = 0;
  if (status.ok()) status = ReadNumber(invocation.args, "if-version", &version);
  if (!status.ok()) return Fail(kError, status.message());
  request.set_namespace_(invocation.args.positional()[0]);
  request.set_key(invocation.args.positional()[1]);
  request.set_if_version(version);
  return Ask(invocation, &Cache::Stub::Delete, request, DescribeDelete,
             [](const DeleteResponse& response) {
               return response.deleted() || response.degraded() ? kOk : kNo;
             });
}

std::string DescribeInvalidate(const InvalidateResponse& response) {
  const std::string text =
      response.has_invalidated()
          ? absl::StrCat(response.invalidated(), " invalidated")
          : "invalidated";
  return absl::StrCat(text, response.degraded() ? " (degraded)" : "", "\n");
}

int RunInvalidate(const Invocation& invocation) {
  const auto& words = invocation.args.positional();
  const absl::Status status = CheckOperands(
      invocation, 1, 1001, "a namespace and keys, tags or a glob");
  if (!status.ok()) return Fail(kError, status.message());
  const std::vector<std::string> tags = invocation.args.All("tag");
  InvalidateRequest request;
  request.set_namespace_(words[0]);
  request.mutable_keys()->Assign(words.begin() + 1, words.end());
  request.mutable_tags()->Assign(tags.begin(), tags.end());
  request.set_glob(invocation.args.Get("glob"));
  request.set_soft(invocation.args.Has("soft"));
  return Ask(invocation, &Cache::Stub::Invalidate, request, DescribeInvalidate,
             [](const InvalidateResponse&) { return kOk; });
}

}  // namespace

Command CacheSetCommand() {
  return {"cache set",
          "NS KEY VALUE",
          "store a value",
          "Exit 0: stored; 1: refused; 2: no answer. The value \"-\" is read\n"
          "from stdin. For example:\n"
          "  outrigger cache set profiles user:42 '{}' --ttl 5m --tag org:a",
          WithClientFlags(
              {{"ttl", "TIME", "fresh for this long, e.g. 5m"},
               {"stale-for", "TIME", "and then stale for this long"},
               {"tag", "T", "invalidated by this; may be given again"},
               {"if-version", "N", "only if this is the current version"},
               {"if-absent", "", "only if there is no value"},
               {"token", "HEX", "a load that `cache get --fill` asked for"},
               {"absent", "", "remember that there is none: no VALUE"},
               {"write-behind", "", "put it into the journal, too"}}),
          RunSet};
}

Command CacheDeleteCommand() {
  return {"cache delete",
          "NS KEY",
          "remove one value",
          "Exit 0: it is gone; 1: there was none; 2: no answer.",
          WithClientFlags(
              {{"if-version", "N", "only if this is the current version"}}),
          RunDelete};
}

Command CacheInvalidateCommand() {
  return {"cache invalidate",
          "NS [KEY…]",
          "make values unusable, or stale",
          "By keys, tags, or a glob of keys. For example:\n"
          "  outrigger cache invalidate profiles --tag org:a\n"
          "  outrigger cache invalidate profiles --glob 'user:*' --soft",
          WithClientFlags({{"tag", "T", "with this tag; may be given again"},
                           {"glob", "G", "whose keys match, e.g. 'user:*'"},
                           {"soft", "", "stale instead of unusable"}}),
          RunInvalidate};
}

}  // namespace outrigger::cli
