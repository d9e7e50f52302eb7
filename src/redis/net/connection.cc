#include "redis/net/connection.h"

#include <utility>

namespace outrigger::redis {
namespace {

// ["message", channel, body]; no reply that we ask for looks like it.
bool IsMessage(const Reply& reply) {
  return reply.IsArray() && reply.elements.size() == 3 &&
         reply.elements[0].text == "message";
}

}  // namespace

Connection::Connection(EventLoop& loop, Resolver& resolver,
                       ConnectionOwner& owner)
    : owner_(&owner), socket_(loop, resolver, *this) {}

Connection::~Connection() { Close(); }

void Connection::Connect(const Address& address, const TlsOptions& tls,
                         uint32_t attempt) {
  socket_.Connect(address, tls, attempt);
}

void Connection::Send(std::unique_ptr<Command> command) {
  const uint64_t begin = socket_.written();
  if (command->asking) {
    Ask(WireOf({"ASKING"}), [](const Reply&) {});
  }
  socket_.Write(command->wire);
  pipeline_.push_back(Place{std::move(command), nullptr, begin});
}

void Connection::Ask(absl::string_view wire, Answer answer) {
  const uint64_t begin = socket_.written();
  socket_.Write(wire);
  pipeline_.push_back(Place{nullptr, std::move(answer), begin});
}

Leftovers Connection::Close() {
  owner_ = nullptr;
  socket_.Close();
  Leftovers left;
  for (Place& place : std::exchange(pipeline_, {})) {
    if (place.command == nullptr || place.command->finished()) continue;
    const bool seen = place.begin < socket_.handed();
    (seen ? left.sent : left.unsent).push_back(std::move(place.command));
  }
  return left;
}

void Connection::OnConnected() { owner_->OnConnected(); }

void Connection::OnBroken(const absl::Status& why) {
  ConnectionOwner* const owner = owner_;
  Leftovers left = Close();
  if (owner != nullptr) owner->OnClosed(why, std::move(left));
}

void Connection::OnBytes(absl::string_view bytes) {
  if (!parser_.Feed(bytes)) {
    return OnBroken(absl::ResourceExhaustedError("no memory for a reply"));
  }
  while (owner_ != nullptr) {
    Reply reply;
    const absl::StatusOr<bool> whole = parser_.Next(&reply);
    if (!whole.ok()) return OnBroken(whole.status());
    if (!*whole) {
      if (parser_.waiting() > kLargeBytes) received_of_large_ += bytes.size();
      return;
    }
    Handle(std::move(reply));
  }
}

void Connection::Handle(Reply reply) {
  if (messages_ && IsMessage(reply)) {
    return owner_->OnMessage(std::move(reply.elements[2]));
  }
  if (pipeline_.empty()) {
    // "ERR max number of clients reached" comes before we have asked anything.
    return OnBroken(reply.IsError() ? absl::UnavailableError(reply.text)
                                    : absl::InternalError(
                                          "Redis answered what was not asked"));
  }
  Place place = std::move(pipeline_.front());
  pipeline_.pop_front();
  if (place.command == nullptr) {
    place.answer(std::move(reply));
  } else if (!place.command->finished()) {
    owner_->OnReply(std::move(place.command), std::move(reply));
  }
}

}  // namespace outrigger::redis
