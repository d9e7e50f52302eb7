// One line for each unary method of a service.
#ifndef OUTRIGGER_RPC_CORE_ADD_UNARY_H_
#define OUTRIGGER_RPC_CORE_ADD_UNARY_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rpc/core/call_record.h"
#include "rpc/core/method.h"
#include "rpc/core/unary.h"

namespace outrigger::rpc {

// Adds a method of `service` to `methods`; see UnaryMethod. `full_name` is
// "package.Service/Method".
template <typename Request, typename Response, typename GrpcService>
void AddUnary(
    std::vector<std::unique_ptr<Method>>& methods, GrpcService& service,
    typename UnaryMethod<GrpcService, Request, Response>::Requester requester,
    const std::string& full_name, int waiting, const Instrumentation& with,
    Handler<Request, Response> handler) {
  methods.push_back(
      std::make_unique<UnaryMethod<GrpcService, Request, Response>>(
          service, requester, std::make_unique<MethodRecorder>(full_name, with),
          waiting, std::move(handler)));
}

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CORE_ADD_UNARY_H_
