#include "otlp/send/make_sender.h"

#include <utility>

#include "otlp/send/console_sender.h"
#include "otlp/send/endpoint.h"
#include "otlp/send/guessing_sender.h"
#include "otlp/send/http_sender.h"

namespace outrigger::otlp {
namespace {

absl::StatusOr<std::unique_ptr<Sender>> MakeGuessing(
    Signal signal, const Destination& destination, std::unique_ptr<Sender> http,
    const SenderContext& context) {
  Destination other = destination;
  other.protocol = Protocol::kGrpc;
  const absl::StatusOr<Endpoint> endpoint = ParseEndpoint(other);
  if (!endpoint.ok()) return endpoint.status();
  // Made now, so that what can go wrong does so at the start; it connects only
  // when it sends.
  auto grpc = GrpcSender::Make(signal, other, *endpoint, context.answers);
  if (!grpc.ok()) return grpc.status();
  auto spare = std::make_shared<std::unique_ptr<Sender>>(*std::move(grpc));
  return std::make_unique<GuessingSender>(
      std::move(http), [spare] { return std::move(*spare); },
      [log = &context.log, where = destination.endpoint] {
        log->Info("the collector does not speak HTTP/1: going over to gRPC",
                  {{"endpoint", where}});
      });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sender>> MakeSender(
    Signal signal, const Destination& destination,
    const SenderContext& context) {
  if (destination.target == Target::kConsole) {
    return std::make_unique<ConsoleSender>(signal, context.loop);
  }
  const absl::StatusOr<Endpoint> endpoint = ParseEndpoint(destination);
  if (!endpoint.ok()) return endpoint.status();
  if (destination.protocol == Protocol::kGrpc) {
    return GrpcSender::Make(signal, destination, *endpoint, context.answers);
  }
  auto http =
      HttpSender::Make(destination, *endpoint, context.loop, context.clock);
  if (!http.ok() || !destination.protocol_guessed) return http;
  return MakeGuessing(signal, destination, *std::move(http), context);
}

}  // namespace outrigger::otlp
