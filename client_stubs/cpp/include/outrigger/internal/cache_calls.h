// What Cache's templates are made of. Not for use outside of this library.
#ifndef OUTRIGGER_INTERNAL_CACHE_CALLS_H_
#define OUTRIGGER_INTERNAL_CACHE_CALLS_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "outrigger/answer.h"

namespace outrigger::client {

struct LoadOptions;

namespace internal {

class Session;

// What a Get found.
struct Found {
  enum class Status { kHit, kStale, kAbsent, kMiss, kNoAnswer };
  Status status = Status::kNoAnswer;
  std::string value;
  // Not empty: to be loaded, and stored with this token or abandoned.
  std::string fill_token;
};

// Of one namespace. Thread-safe.
class CacheCalls {
 public:
  CacheCalls(std::shared_ptr<Session> session, std::string name_space)
      : session_(std::move(session)), name_space_(std::move(name_space)) {}

  // A mistake or a closed client is an error.
  absl::StatusOr<Found> Get(const std::string& key, absl::Duration max_wait,
                            bool no_fill) const;
  // In the order of the keys; at most 1,000.
  absl::StatusOr<std::vector<Found>> GetMany(
      const std::vector<std::string>& keys) const;

  // Stores a loaded value (none: that there is none). What hinders it is not
  // told: the value is the caller's all the same.
  struct Fill {
    std::string key;
    std::string token;
    std::optional<std::string> bytes;
  };
  void Store(const std::vector<Fill>& fills, const LoadOptions& options) const;
  // In the background.
  void Abandon(const std::string& key, const std::string& token) const;

  // On another thread. False: too many run already, or it is closed.
  bool RunInBackground(absl::AnyInvocable<void()> work) const;

  void CountCall() const;
  void CountFallback() const;

  const std::string& name_space() const { return name_space_; }
  const std::shared_ptr<Session>& session() const { return session_; }

 private:
  std::shared_ptr<Session> session_;
  std::string name_space_;
};

// Abandons on destruction unless it was used.
class FillToken {
 public:
  FillToken(CacheCalls calls, std::string key, std::string token)
      : calls_(std::move(calls)),
        key_(std::move(key)),
        token_(std::move(token)) {}
  FillToken(FillToken&& other) noexcept
      : calls_(std::move(other.calls_)),
        key_(std::move(other.key_)),
        token_(std::exchange(other.token_, {})) {}
  FillToken& operator=(FillToken&&) = delete;
  ~FillToken() {
    if (!token_.empty()) calls_.Abandon(key_, token_);
  }

  bool empty() const { return token_.empty(); }
  const std::string& key() const { return key_; }
  // To store with; it will not be abandoned.
  CacheCalls::Fill Use(std::optional<std::string> bytes) {
    return {key_, std::exchange(token_, {}), std::move(bytes)};
  }

 private:
  CacheCalls calls_;
  std::string key_;
  std::string token_;
};

// What loaders return, as one type.
template <class T>
using Loaded = absl::StatusOr<std::optional<T>>;

template <class T, class Returned>
Loaded<T> AsLoaded(Returned returned) {
  if constexpr (std::is_same_v<Returned, absl::StatusOr<T>>) {
    if (!returned.ok()) return returned.status();
    return std::optional<T>(*std::move(returned));
  } else {
    return Loaded<T>(std::move(returned));
  }
}

}  // namespace internal
}  // namespace outrigger::client

#endif  // OUTRIGGER_INTERNAL_CACHE_CALLS_H_
