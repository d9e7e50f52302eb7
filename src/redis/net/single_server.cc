#include "redis/net/single_server.h"

#include "absl/status/status.h"

namespace outrigger::redis {

SingleServer::SingleServer(NodeContext& context, NodeOwner& owner)
    : context_(context), node_(context, owner, context.options.addresses[0]) {
  if (context.options.mode != Mode::kSentinel) return;
  sentinels_ = std::make_unique<Sentinels>(context, [this](const Address& now) {
    if (node_.ready() && !(now == node_.address())) {
      node_.Reconnect(absl::UnavailableError("sentinel names another master"));
    }
  });
}

void SingleServer::Check(Node& master, std::function<void(bool)> done) {
  master.Ask(WireOf({"ROLE"}), [this, done](const Reply& reply) {
    if (reply.IsError()) {
      context_.held_back.Error(
          "cannot ask a Redis server for its role",
          {{"address", ToString(node_.address())}, {"why", reply.text}});
    }
    done(reply.IsArray() && !reply.elements.empty() &&
         reply.elements[0].text == "master");
  });
}

void SingleServer::Locate(
    Node&, const std::function<void(absl::StatusOr<Address>)>& done) {
  if (sentinels_ == nullptr) {
    done(context_.options.addresses[0]);
  } else {
    sentinels_->FindMaster(done);
  }
}

}  // namespace outrigger::redis
