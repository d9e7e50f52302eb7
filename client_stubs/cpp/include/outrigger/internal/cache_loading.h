// Cache's templates. Included by outrigger/cache.h.
#ifndef OUTRIGGER_INTERNAL_CACHE_LOADING_H_
#define OUTRIGGER_INTERNAL_CACHE_LOADING_H_

#include "outrigger/cache.h"
#include "outrigger/internal/cache_loading_many.h"

namespace outrigger::client::internal {

// One GetOrLoad: what it needs at hand, also in the background.
template <class T, class Loader, class C>
class Loading {
 public:
  Loading(CacheCalls calls, Loader loader, LoadOptions options, C codec)
      : calls_(std::move(calls)),
        loader_(std::move(loader)),
        options_(std::move(options)),
        codec_(std::move(codec)) {}

  absl::StatusOr<Cached<T>> Run(const std::string& key) {
    calls_.CountCall();
    absl::StatusOr<Found> found =
        calls_.Get(key, absl::ZeroDuration(), /*no_fill=*/false);
    if (found.ok() && found->status == Found::Status::kMiss &&
        found->fill_token.empty()) {
      found = calls_.Get(key, options_.max_wait, /*no_fill=*/false);
    }
    if (!found.ok()) return found.status();
    return Answer(key, *std::move(found));
  }

  // What to answer to what was found; a MISS without a token was waited for.
  absl::StatusOr<Cached<T>> Answer(const std::string& key, Found found) {
    FillToken token(calls_, key, std::move(found.fill_token));
    Cached<T> answer;
    switch (found.status) {
      case Found::Status::kAbsent:
        Refresh(std::move(token));
        return answer;
      case Found::Status::kHit:
      case Found::Status::kStale:
        if (absl::StatusOr<T> value = codec_.Decode(found.value); value.ok()) {
          answer.value = *std::move(value);
          answer.stale = found.status == Found::Status::kStale;
          Refresh(std::move(token));
          return answer;
        }
        return LoadOnly(Source::kSidecar);
      case Found::Status::kMiss:
        if (!token.empty()) return LoadAndStore(std::move(token));
        return LoadOnly(Source::kSidecar);
      case Found::Status::kNoAnswer:
        calls_.CountFallback();
        return LoadOnly(Source::kFallback);
    }
    return answer;
  }

 private:
  Loaded<T> Load() {
    return AsLoaded<T, std::invoke_result_t<Loader&>>(loader_());
  }

  absl::StatusOr<Cached<T>> LoadOnly(Source source) {
    Loaded<T> loaded = Load();
    if (!loaded.ok()) return loaded.status();
    return Cached<T>{
        .value = *std::move(loaded), .loaded = true, .source = source};
  }

  absl::StatusOr<Cached<T>> LoadAndStore(FillToken token) {
    Loaded<T> loaded = Load();
    if (!loaded.ok()) return loaded.status();
    std::optional<std::string> bytes;
    if (loaded->has_value()) {
      absl::StatusOr<std::string> encoded = codec_.Encode(**loaded);
      if (!encoded.ok()) {
        return Cached<T>{.value = *std::move(loaded), .loaded = true};
      }
      bytes = *std::move(encoded);
    }
    calls_.Store({token.Use(std::move(bytes))}, options_);
    return Cached<T>{.value = *std::move(loaded), .loaded = true};
  }

  void Refresh(FillToken token) {
    if (token.empty()) return;
    // The copy: this call's caller will be gone.
    (void)calls_.RunInBackground(
        [loading = *this, token = std::move(token)]() mutable {
          (void)loading.LoadAndStore(std::move(token));
        });
  }

  CacheCalls calls_;
  Loader loader_;
  LoadOptions options_;
  C codec_;
};

}  // namespace outrigger::client::internal

namespace outrigger::client {

template <class T, class Loader, class C>
absl::StatusOr<Cached<T>> Cache::GetOrLoad(const std::string& key,
                                           Loader loader, LoadOptions options,
                                           C codec) const {
  return internal::Loading<T, Loader, C>(calls_, std::move(loader),
                                         std::move(options), std::move(codec))
      .Run(key);
}

template <class T, class Loader, class C>
absl::StatusOr<CachedMany<T>> Cache::GetOrLoadMany(
    const std::vector<std::string>& keys, Loader loader, LoadOptions options,
    C codec) const {
  return internal::LoadingMany<T, Loader, C>(
             calls_, std::move(loader), std::move(options), std::move(codec))
      .Run(keys);
}

template <class T, class KeyOf, class Loader, class C>
auto Cache::Wrap(KeyOf key_of, Loader loader, LoadOptions options,
                 C codec) const {
  return [cache = *this, key_of = std::move(key_of), loader = std::move(loader),
          options = std::move(options),
          codec = std::move(codec)](const auto&... arguments) {
    auto bound = [loader, values = std::make_tuple(arguments...)] {
      return std::apply(loader, values);
    };
    return cache.GetOrLoad<T>(key_of(arguments...), std::move(bound), options,
                              codec);
  };
}

template <class T, class C>
absl::StatusOr<Cached<T>> Cache::Get(const std::string& key, C codec) const {
  calls_.CountCall();
  absl::StatusOr<internal::Found> found =
      calls_.Get(key, absl::ZeroDuration(), /*no_fill=*/true);
  if (!found.ok()) return found.status();
  Cached<T> answer;
  if (found->status == internal::Found::Status::kNoAnswer) {
    calls_.CountFallback();
    answer.source = Source::kFallback;
  } else if (found->status == internal::Found::Status::kHit ||
             found->status == internal::Found::Status::kStale) {
    if (absl::StatusOr<T> value = codec.Decode(found->value); value.ok()) {
      answer.value = *std::move(value);
      answer.stale = found->status == internal::Found::Status::kStale;
    }
  }
  return answer;
}

template <class T, class C>
absl::StatusOr<Stored> Cache::Set(const std::string& key, const T& value,
                                  const SetOptions& options, C codec) const {
  absl::StatusOr<std::string> bytes = codec.Encode(value);
  if (!bytes.ok()) return bytes.status();
  return SetBytes(key, &*bytes, options);
}

}  // namespace outrigger::client

#endif  // OUTRIGGER_INTERNAL_CACHE_LOADING_H_
