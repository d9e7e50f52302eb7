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

constexpr size_t kPrefixBytes = 5;  // gRPC's, before each message
constexpr size_t kReadBytes = 64 * 1024;
constexpr uint32_t kWindowStep = 1 << 20;
// No request is longer.
constexpr int64_t kMostRequestBytes = 16 * 1024;

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

}  // namespace

WireClient::WireClient(const Options& options, Traffic traffic,
                       const Recording::Options& recording)
    : options_(options),
      questions_(options.questions, std::move(traffic)),
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
                       ",\"batch\":", options_.questions.batch, "}");
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

void WireClient::StartCall() {
  if (window_ < kMostRequestBytes) return;
  const bool usual = questions_.Next(&message_);
  window_ -= static_cast<int64_t>(kPrefixBytes + message_.size());
  AppendRequest(stream_, usual);
  Call& call = calls_[stream_];
  call.sent = Now();
  call.usual = usual;
  stream_ += 2;
}

void WireClient::AppendRequest(uint32_t stream, bool usual) {
  static const std::string* const later = new std::string(LaterHeaders());
  const std::string headers =
      stream == 1 ? FirstHeaders(questions_.usual_path())
      : usual     ? *later
                  : LaterHeadersFor(questions_.other_path());
  AppendFrame({.type = FrameType::kHeaders,
               .flags = kEndHeaders,
               .stream = stream,
               .payload = headers},
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
  CallRecord record = Describe(found->second);
  if (found->second.sent >= meter_.from()) {
    record.failed |= failed;
    recording_.Add(record);
    if (record.failed) recording_.AddError(failed ? "reset" : "no message");
  }
  calls_.erase(found);
}

CallRecord WireClient::Describe(const Call& call) {
  CallRecord record;
  record.intended = record.sent = call.sent - meter_.from();
  record.received = now_ - meter_.from();
  record.failed = call.answer.size() < kPrefixBytes;
  if (record.failed) return record;
  const absl::string_view message =
      absl::string_view(call.answer).substr(kPrefixBytes);
  record.response_bytes = message.size();
  questions_.Take(call.usual, message, &record);
  return record;
}

}  // namespace outrigger::bench
