// A cache for the whole fleet, in which one caller loads what is missing.
//
//   auto profiles = outrigger->cache("profiles");
//   auto user = profiles.GetOrLoad<std::string>(
//       "user:42", [database] { return database->Load("42"); });
//   if (user.ok() && user->value) Use(*user->value);
#ifndef OUTRIGGER_CACHE_H_
#define OUTRIGGER_CACHE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "outrigger/answer.h"
#include "outrigger/codec.h"
#include "outrigger/internal/cache_calls.h"

namespace outrigger::client {

struct LoadOptions {
  // How long a loaded value is fresh, 1 ms to 30 days; and how long after that
  // it may be served stale. Unset: the namespace's.
  std::optional<absl::Duration> ttl;
  std::optional<absl::Duration> stale_for;
  // Names to invalidate it by: at most 16, of 1 to 128 bytes.
  std::vector<std::string> tags;
  // How long to wait for another caller's load, at most 1 hour.
  absl::Duration max_wait = absl::Seconds(5);
};

template <class T>
struct Cached {
  // None: there is no such thing.
  std::optional<T> value;
  // This call ran the loader before it answered.
  bool loaded = false;
  // Past its time; it is loaded anew in the background.
  bool stale = false;
  Source source = Source::kSidecar;
};

template <class T>
struct CachedMany {
  // One for each key.
  std::map<std::string, std::optional<T>> values;
  // The keys that the loader was called with before the answer, sorted.
  std::vector<std::string> loaded;
  // kFallback if any was answered so.
  Source source = Source::kSidecar;
};

struct SetOptions {
  // As LoadOptions'.
  std::optional<absl::Duration> ttl;
  std::optional<absl::Duration> stale_for;
  std::vector<std::string> tags;
  // Only if the present value is of this version. 0: whatever it is.
  std::uint64_t if_version = 0;
  // Only if there is no value. Not together with if_version.
  bool if_absent = false;
};

struct Stored {
  bool stored = false;
  // The new version or, if it was not stored, the present one. 0: none, or not
  // known.
  std::uint64_t version = 0;
  Source source = Source::kSidecar;
};

struct Deleted {
  // There was a value, and it is gone.
  bool deleted = false;
  Source source = Source::kSidecar;
};

struct InvalidateOptions {
  // At most 1,000 each.
  std::vector<std::string> keys;
  std::vector<std::string> tags;
  // Keys that match: '*' any bytes, '?' one. Empty: none.
  std::string glob;
  // Stale instead of unusable.
  bool soft = false;
};

// From Client::cache(). Thread-safe; cheap to copy; may outlive its client.
//
// Errors: kInvalidArgument, kNotFound (a namespace that is not configured),
// kFailedPrecondition (what the namespace does not have; also: blocking within
// a callback of this library's) are mistakes; kCancelled: the client is closed;
// and what a loader returned. Without a sidecar loaders answer.
//
// A loader returns a T, std::optional<T> (nothing: there is none),
// absl::StatusOr<T> or absl::StatusOr<std::optional<T>>. It may also run later,
// on another thread, to refresh a value: it must own, or share, what it uses.
// So a copy is kept. What it throws goes through to the caller that ran it.
class Cache {
 public:
  Cache(std::shared_ptr<internal::Session> session, std::string name_space)
      : calls_(std::move(session), std::move(name_space)) {}

  // The value; if there is none it is loaded, once in the fleet.
  template <class T, class Loader, class C = Codec<T>>
  absl::StatusOr<Cached<T>> GetOrLoad(const std::string& key, Loader loader,
                                      LoadOptions options = {},
                                      C codec = {}) const;

  // The same for many keys. The loader gets the keys to load and returns
  // absl::StatusOr<std::map<std::string, T>>, or the map; what it leaves out
  // does not exist.
  template <class T, class Loader, class C = Codec<T>>
  absl::StatusOr<CachedMany<T>> GetOrLoadMany(
      const std::vector<std::string>& keys, Loader loader,
      LoadOptions options = {}, C codec = {}) const;

  // A function of the loader's arguments that is cached under `key_of` them:
  //   auto load_user = profiles.Wrap<User>(
  //       [](int id) { return absl::StrCat("user:", id); }, LoadUser);
  //   absl::StatusOr<Cached<User>> user = load_user(42);
  template <class T, class KeyOf, class Loader, class C = Codec<T>>
  auto Wrap(KeyOf key_of, Loader loader, LoadOptions options = {},
            C codec = {}) const;

  // Only looks.
  template <class T, class C = Codec<T>>
  absl::StatusOr<Cached<T>> Get(const std::string& key, C codec = {}) const;

  // Stores; loads that are under way are refused when they are done.
  template <class T, class C = Codec<T>>
  absl::StatusOr<Stored> Set(const std::string& key, const T& value,
                             const SetOptions& options = {},
                             C codec = {}) const;
  // Remembers that there is none.
  absl::StatusOr<Stored> SetAbsent(const std::string& key,
                                   const SetOptions& options = {}) const;

  absl::StatusOr<Deleted> Delete(const std::string& key) const;
  // Whether the sidecar did it.
  absl::StatusOr<Source> Invalidate(const InvalidateOptions& options) const;

 private:
  absl::StatusOr<Stored> SetBytes(const std::string& key,
                                  const std::string* bytes,
                                  const SetOptions& options) const;

  internal::CacheCalls calls_;
};

}  // namespace outrigger::client

#include "outrigger/internal/cache_loading.h"

#endif  // OUTRIGGER_CACHE_H_
