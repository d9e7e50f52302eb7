#include "bench/load/wire_client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace outrigger::bench {
namespace {

namespace pb = ratelimit::v1;

constexpr size_t kPrefixBytes = 5;  // gRPC's, before each message
constexpr size_t kReadBytes = 64 * 1024;
constexpr uint32_t kWindowStep = 1 << 20;

int ConnectUnix(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path.size() >= sizeof(address.sun_path)) return -1;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) ==
                 0
             ? fd
             : -1;
}

int ConnectTcp(absl::string_view target) {
  int port = 0;
  if (!absl::ConsumePrefix(&target, "127.0.0.1:") ||
      !absl::SimpleAtoi(target, &port)) {
    return -1;
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) ==
                 0
             ? fd
             : -1;
}

void Tally(const pb::AllowResponse& answer, CallRecord* record) {
  ++(answer.allowed() ? record->allowed : record->denied);
  if (answer.degraded()) ++record->degraded;
}

}  // namespace

WireClient::WireClient(const Options& options, Traffic traffic,
                       const Recording::Options& recording)
    : options_(options),
      traffic_(std::move(traffic)),
      recording_(recording),
      meter_(options.meter) {}

WireClient::~WireClient() {
  if (socket_ >= 0) close(socket_);
}

bool WireClient::Connect() {
  absl::string_view target = options_.target;
  socket_ = absl::ConsumePrefix(&target, "unix:")
                ? ConnectUnix(std::string(target))
                : ConnectTcp(target);
  return socket_ >= 0;
}

bool WireClient::Run(std::string* json) {
  if (!Connect()) {
    std::fprintf(stderr, "%s: no connection\n", options_.target.c_str());
    return false;
  }
  AppendOpening(&out_);
  while (!meter_.complete()) {
    while (calls_.size() < static_cast<size_t>(options_.in_flight)) {
      const uint32_t before = stream_;
      StartCall();
      if (stream_ == before) break;  // the window is used up
    }
    if (!Flush() || !Read()) {
      std::fprintf(stderr, "%s: the connection broke\n",
                   options_.target.c_str());
      return false;
    }
    meter_.Watch(now_, ended_);
  }
  *json = absl::StrCat("{", recording_.ToJson(), ",", meter_.ToJson(),
                       ",\"batch\":", options_.batch, "}");
  return true;
}

bool WireClient::Flush() {
  size_t done = 0;
  while (done < out_.size()) {
    const ssize_t n =
        send(socket_, out_.data() + done, out_.size() - done, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += n;
  }
  out_.clear();
  return true;
}

bool WireClient::Read() {
  const size_t old = in_.size();
  in_.resize(old + kReadBytes);
  ssize_t n = 0;
  do {
    n = recv(socket_, in_.data() + old, kReadBytes, 0);
  } while (n < 0 && errno == EINTR);
  if (n <= 0) return false;
  in_.resize(old + n);
  now_ = Now();
  absl::string_view rest = in_;
  Frame frame;
  while (TakeFrame(&rest, &frame))
    if (!Handle(frame)) return false;
  in_.erase(0, in_.size() - rest.size());
  return true;
}

bool WireClient::Handle(const Frame& frame) {
  switch (frame.type) {
    case FrameType::kData: {
      taken_ += frame.payload.size();
      if (taken_ >= kWindowStep)
        AppendWindowUpdate(std::exchange(taken_, 0), &out_);
      const auto call = calls_.find(frame.stream);
      if (call != calls_.end())
        absl::StrAppend(&call->second.answer, frame.payload);
      break;
    }
    case FrameType::kHeaders:
      // Of what ends a call, an error has no message before it.
      if (frame.flags & kEndStream) EndCall(frame.stream, false);
      break;
    case FrameType::kReset:
      EndCall(frame.stream, true);
      break;
    case FrameType::kSettings:
      if (!(frame.flags & kAck))
        AppendFrame({.type = FrameType::kSettings, .flags = kAck}, &out_);
      break;
    case FrameType::kPing:
      if (!(frame.flags & kAck))
        AppendFrame(
            {.type = FrameType::kPing, .flags = kAck, .payload = frame.payload},
            &out_);
      break;
    case FrameType::kWindowUpdate:
      if (frame.stream == 0) window_ += ReadUint32(frame.payload);
      break;
    case FrameType::kGoAway:
      return false;
  }
  return true;
}

void WireClient::FillMessage() {
  message_.clear();
  if (!options_.get.empty()) {
    get_.set_namespace_(options_.get);
    get_.set_key(traffic_.KeyName());
    get_.SerializeToString(&message_);
  } else if (options_.batch == 1) {
    traffic_.Fill(&one_);
    one_.SerializeToString(&message_);
  } else {
    while (many_.requests_size() < options_.batch) many_.add_requests();
    for (auto& question : *many_.mutable_requests()) traffic_.Fill(&question);
    many_.SerializeToString(&message_);
  }
}

void WireClient::StartCall() {
  FillMessage();
  const int64_t bytes = static_cast<int64_t>(kPrefixBytes + message_.size());
  if (window_ < bytes) return;
  window_ -= bytes;
  AppendRequest(stream_);
  calls_[stream_].sent = Now();
  stream_ += 2;
}

std::string WireClient::Path() const {
  if (!options_.get.empty()) return "/outrigger.cache.v1.Cache/Get";
  return absl::StrCat("/outrigger.ratelimit.v1.RateLimiter/",
                      options_.batch == 1 ? "Allow" : "AllowMany");
}

void WireClient::AppendRequest(uint32_t stream) {
  static const std::string* const later = new std::string(LaterHeaders());
  std::string first;
  if (stream == 1) first = FirstHeaders(Path());
  AppendFrame({.type = FrameType::kHeaders,
               .flags = kEndHeaders,
               .stream = stream,
               .payload = stream == 1 ? first : *later},
              &out_);
  std::string body(1, '\0');  // not compressed
  AppendUint32(static_cast<uint32_t>(message_.size()), &body);
  absl::StrAppend(&body, message_);
  AppendFrame({.type = FrameType::kData,
               .flags = kEndStream,
               .stream = stream,
               .payload = body},
              &out_);
}

void WireClient::EndCall(uint32_t stream, bool failed) {
  const auto found = calls_.find(stream);
  if (found == calls_.end()) return;
  ++ended_;
  if (found->second.sent >= meter_.from()) {
    CallRecord record = Describe(found->second);
    record.failed |= failed;
    recording_.Add(record);
    if (record.failed) recording_.AddError(failed ? "reset" : "no message");
  }
  calls_.erase(found);
}

CallRecord WireClient::Describe(const Call& call) const {
  CallRecord record;
  record.intended = record.sent = call.sent - meter_.from();
  record.received = now_ - meter_.from();
  record.failed = call.answer.size() < kPrefixBytes;
  if (record.failed) return record;
  const char* message = call.answer.data() + kPrefixBytes;
  const int size = static_cast<int>(call.answer.size() - kPrefixBytes);
  record.response_bytes = size;
  if (!options_.get.empty()) {
    cache::v1::GetResponse answer;
    record.failed = !answer.ParseFromArray(message, size);
    ++(answer.status() == cache::v1::HIT ? record.allowed : record.denied);
    if (answer.degraded()) ++record.degraded;
  } else if (options_.batch == 1) {
    pb::AllowResponse answer;
    record.failed = !answer.ParseFromArray(message, size);
    Tally(answer, &record);
  } else {
    pb::AllowManyResponse answers;
    record.failed = !answers.ParseFromArray(message, size);
    for (const auto& answer : answers.responses()) Tally(answer, &record);
  }
  return record;
}

}  // namespace outrigger::bench
