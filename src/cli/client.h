// A client of a running sidecar, for the commands that ask one.
#ifndef OUTRIGGER_CLI_CLIENT_H_
#define OUTRIGGER_CLI_CLIENT_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <string>

#include "base/clock.h"
#include "cli/command.h"

namespace outrigger::cli {

// The options that all such commands have.
const std::vector<Flag>& ClientFlags();
// `flags`, and those.
std::vector<Flag> WithClientFlags(std::vector<Flag> flags);

// --target, else OUTRIGGER_TARGET, else the usual socket if there is one, else
// 127.0.0.1:7420. A path alone means a Unix socket.
std::string TargetOf(const Invocation& invocation);

// Connects when it is first used. Plain text. Answers may be of any size.
std::shared_ptr<grpc::Channel> ChannelTo(const std::string& target);

// The call fails if it takes longer.
void SetTimeout(Duration timeout, grpc::ClientContext* context);

// Says on stderr what went wrong; returns kError.
int FailWith(const grpc::Status& status, const std::string& target);

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_CLIENT_H_
