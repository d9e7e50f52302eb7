#include "loop/resolver.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace outrigger {
namespace {

bool ParseIp(const std::string& host, uint16_t port, SocketAddress* result) {
  auto* v4 = reinterpret_cast<sockaddr_in*>(&result->storage);
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    result->length = sizeof(sockaddr_in);
    return true;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&result->storage);
  if (inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    result->length = sizeof(sockaddr_in6);
    return true;
  }
  return false;
}

}  // namespace

SocketAddress UnixAddress(const std::string& path) {
  SocketAddress result;
  auto* address = reinterpret_cast<sockaddr_un*>(&result.storage);
  address->sun_family = AF_UNIX;
  std::memcpy(address->sun_path, path.data(),
              std::min(path.size(), sizeof(address->sun_path) - 1));
  result.length = sizeof(sockaddr_un);
  return result;
}

absl::StatusOr<std::vector<SocketAddress>> SystemLookup(const std::string& host,
                                                        uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("the name is not resolved: ", gai_strerror(error)));
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    SocketAddress& address = addresses.emplace_back();
    std::memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
    address.length = info->ai_addrlen;
  }
  freeaddrinfo(found);
  return addresses;
}

struct Resolver::Query::State {
  std::string host;
  uint16_t port = 0;
  std::weak_ptr<Shared> shared;
  Done done;  // on the loop's thread; null: the question was dropped
  // Written by the thread that looks it up, before it is put to the answered.
  absl::StatusOr<std::vector<SocketAddress>> found;
};

// What the resolver and its threads share; lives as long as the last of them.
class Resolver::Shared : public std::enable_shared_from_this<Shared> {
 public:
  using Question = std::shared_ptr<Query::State>;

  explicit Shared(Lookup lookup)
      : lookup_(std::move(lookup)),
        wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Shared() { close(wake_fd_); }

  // On the loop's thread, as are Close and Deliver.
  void Open(event_base* base) {
    wake_ = event_new(
        base, wake_fd_, EV_READ | EV_PERSIST,
        [](int, short, void* self) { static_cast<Shared*>(self)->Deliver(); },
        this);
    event_add(wake_, nullptr);
  }
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

  void Ask(Question question) ABSL_LOCKS_EXCLUDED(mutex_);
  void Drop(const Question& question) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Work() ABSL_LOCKS_EXCLUDED(mutex_);
  void Deliver() ABSL_LOCKS_EXCLUDED(mutex_);

  const Lookup lookup_;
  const int wake_fd_;
  event* wake_ = nullptr;
  absl::Mutex mutex_;
  std::deque<Question> waiting_ ABSL_GUARDED_BY(mutex_);
  std::vector<Question> answered_ ABSL_GUARDED_BY(mutex_);
  int threads_ ABSL_GUARDED_BY(mutex_) = 0;
};

void Resolver::Shared::Close() {
  event_free(wake_);
  absl::MutexLock lock(&mutex_);
  waiting_.clear();
  answered_.clear();
}

void Resolver::Shared::Ask(Question question) {
  {
    absl::MutexLock lock(&mutex_);
    waiting_.push_back(std::move(question));
    if (threads_ == kMaxThreads) return;
    ++threads_;
  }
  std::thread([self = shared_from_this()] { self->Work(); }).detach();
}

void Resolver::Shared::Drop(const Question& question) {
  absl::MutexLock lock(&mutex_);
  const auto it = std::find(waiting_.begin(), waiting_.end(), question);
  if (it != waiting_.end()) waiting_.erase(it);
}

void Resolver::Shared::Work() {
  for (;;) {
    Question question;
    {
      absl::MutexLock lock(&mutex_);
      if (waiting_.empty()) {
        --threads_;
        return;
      }
      question = std::move(waiting_.front());
      waiting_.pop_front();
    }
    question->found = lookup_(question->host, question->port);
    {
      absl::MutexLock lock(&mutex_);
      answered_.push_back(std::move(question));
    }
    eventfd_write(wake_fd_, 1);
  }
}

void Resolver::Shared::Deliver() {
  eventfd_t count = 0;
  eventfd_read(wake_fd_, &count);
  std::vector<Question> answered;
  {
    absl::MutexLock lock(&mutex_);
    answered.swap(answered_);
  }
  for (const Question& question : answered) {
    if (!question->done) continue;
    std::exchange(question->done, nullptr)(std::move(question->found));
  }
}

Resolver::Query::~Query() {
  if (state_ == nullptr || !state_->done) return;
  state_->done = nullptr;
  if (const auto shared = state_->shared.lock()) shared->Drop(state_);
}

Resolver::Resolver(event_base* base, Lookup lookup)
    : shared_(std::make_shared<Shared>(std::move(lookup))) {
  shared_->Open(base);
}

Resolver::~Resolver() { shared_->Close(); }

std::unique_ptr<Resolver::Query> Resolver::Resolve(const std::string& host,
                                                   uint16_t port, Done done) {
  auto query = std::make_unique<Query>();
  SocketAddress direct;
  if (ParseIp(host, port, &direct)) {
    done(std::vector<SocketAddress>{direct});
    return query;
  }
  query->state_ = std::make_shared<Query::State>();
  query->state_->host = host;
  query->state_->port = port;
  query->state_->shared = shared_;
  query->state_->done = std::move(done);
  shared_->Ask(query->state_);
  return query;
}

}  // namespace outrigger
