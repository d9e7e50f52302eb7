#include "cli/client.h"

#include <grpc/grpc.h>
#include <grpc/support/time.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "config/default_socket.h"

namespace outrigger::cli {

const std::vector<Flag>& ClientFlags() {
  static const auto& flags = *new std::vector<Flag>{
      {"target", "ADDRESS", "the sidecar: unix:/path or host:port"},
      {"json", "", "answer in JSON"}};
  return flags;
}

std::vector<Flag> WithClientFlags(std::vector<Flag> flags) {
  flags.insert(flags.end(), ClientFlags().begin(), ClientFlags().end());
  return flags;
}

std::string TargetOf(const Invocation& invocation) {
  std::string target = invocation.args.Get("target");
  if (target.empty()) {
    const auto it = invocation.environment.find("OUTRIGGER_TARGET");
    if (it != invocation.environment.end()) target = it->second;
  }
  if (absl::StartsWith(target, "/")) return absl::StrCat("unix:", target);
  if (!target.empty()) return target;
  const std::string socket =
      config::SocketToCall(config::UsualSockets(invocation.environment));
  return socket.empty() ? "127.0.0.1:7420" : absl::StrCat("unix:", socket);
}

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  // See Server::Drain.
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  if (absl::StartsWith(target, "unix:")) {
    // Else the authority is the socket's path, escaped, which some proxies and
    // servers refuse.
    arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost");
  }
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(),
                                   arguments);
}

void SetTimeout(Duration timeout, grpc::ClientContext* context) {
  // gRPC counts a span of time as a deadline from now.
  context->set_deadline(gpr_time_from_nanos(timeout.count(), GPR_TIMESPAN));
}

int FailWith(const grpc::Status& status, const std::string& target) {
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    return Fail(kError, absl::StrCat("no sidecar answers on ", target, ": ",
                                     status.error_message()));
  }
  return Fail(kError, status.error_message());
}

}  // namespace outrigger::cli
