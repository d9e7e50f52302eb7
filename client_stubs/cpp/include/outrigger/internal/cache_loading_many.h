// Cache's templates for many keys. Included by cache_loading.h.
#ifndef OUTRIGGER_INTERNAL_CACHE_LOADING_MANY_H_
#define OUTRIGGER_INTERNAL_CACHE_LOADING_MANY_H_

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "outrigger/cache.h"

namespace outrigger::client::internal {

// One GetOrLoadMany.
template <class T, class Loader, class C>
class LoadingMany {
 public:
  using Values = std::map<std::string, T>;

  LoadingMany(CacheCalls calls, Loader loader, LoadOptions options, C codec)
      : calls_(std::move(calls)),
        loader_(std::move(loader)),
        options_(std::move(options)),
        codec_(std::move(codec)) {}

  absl::StatusOr<CachedMany<T>> Run(const std::vector<std::string>& keys) {
    constexpr std::size_t kMost = 1000;
    calls_.CountCall();
    std::vector<std::string> asked;  // each once
    for (const std::string& key : keys) {
      if (answer_.values.try_emplace(key).second) asked.push_back(key);
    }
    for (std::size_t at = 0; at < asked.size(); at += kMost) {
      const std::vector<std::string> some(
          asked.begin() + at,
          asked.begin() + std::min(at + kMost, asked.size()));
      absl::StatusOr<std::vector<Found>> found = calls_.GetMany(some);
      if (!found.ok()) return found.status();
      for (std::size_t i = 0; i < some.size(); ++i) {
        Sort(some[i], std::move((*found)[i]));
      }
    }
    RefreshAll();
    if (absl::Status status = LoadOwn(); !status.ok()) return status;
    if (absl::Status status = WaitForOthers(); !status.ok()) return status;
    std::sort(answer_.loaded.begin(), answer_.loaded.end());
    return std::move(answer_);
  }

 private:
  // Which of the ways a key goes.
  void Sort(const std::string& key, Found found) {
    FillToken token(calls_, key, std::move(found.fill_token));
    std::optional<T>& value = answer_.values[key];
    switch (found.status) {
      case Found::Status::kHit:
      case Found::Status::kStale:
        if (absl::StatusOr<T> decoded = codec_.Decode(found.value);
            decoded.ok()) {
          value = *std::move(decoded);
          if (!token.empty()) refresh_.push_back(std::move(token));
        } else {
          not_stored_.push_back(key);
        }
        return;
      case Found::Status::kAbsent:
        if (!token.empty()) refresh_.push_back(std::move(token));
        return;
      case Found::Status::kMiss:
        if (token.empty()) {
          others_.push_back(key);
        } else {
          own_.push_back(std::move(token));
        }
        return;
      case Found::Status::kNoAnswer:
        if (answer_.source != Source::kFallback) calls_.CountFallback();
        answer_.source = Source::kFallback;
        not_stored_.push_back(key);
        return;
    }
  }

  absl::StatusOr<Values> Load(const std::vector<std::string>& keys) {
    return loader_(keys);
  }

  absl::StatusOr<Values> LoadAndStore(std::vector<FillToken> tokens,
                                      std::vector<std::string> keys) {
    for (const FillToken& token : tokens) keys.push_back(token.key());
    absl::StatusOr<Values> loaded = Load(keys);
    if (!loaded.ok()) return loaded;
    std::vector<CacheCalls::Fill> fills;
    for (FillToken& token : tokens) {
      const auto value = loaded->find(token.key());
      std::optional<std::string> bytes;
      if (value != loaded->end()) {
        absl::StatusOr<std::string> encoded = codec_.Encode(value->second);
        if (!encoded.ok()) continue;
        bytes = *std::move(encoded);
      }
      fills.push_back(token.Use(std::move(bytes)));
    }
    calls_.Store(fills, options_);
    return loaded;
  }

  void RefreshAll() {
    if (refresh_.empty()) return;
    LoadingMany loading(calls_, loader_, options_, codec_);
    (void)calls_.RunInBackground(
        [loading = std::move(loading),
         tokens = std::exchange(refresh_, {})]() mutable {
          (void)loading.LoadAndStore(std::move(tokens), {});
        });
  }

  // By one call of the loader: what is this caller's, and what is nobody's.
  absl::Status LoadOwn() {
    std::vector<std::string> keys = std::exchange(not_stored_, {});
    std::vector<std::string> all = keys;
    for (const FillToken& token : own_) all.push_back(token.key());
    if (all.empty()) return absl::OkStatus();
    absl::StatusOr<Values> loaded =
        LoadAndStore(std::exchange(own_, {}), std::move(keys));
    return Take(all, std::move(loaded));
  }

  // All wait for the same time at most. What has not come by then, or once the
  // sidecar does not answer, is loaded by one call.
  absl::Status WaitForOthers() {
    const auto until = std::chrono::steady_clock::now() +
                       absl::ToChronoMilliseconds(options_.max_wait);
    bool answers = true;
    for (const std::string& key : std::exchange(others_, {})) {
      const absl::Duration left =
          absl::FromChrono(until - std::chrono::steady_clock::now());
      if (!answers || left <= absl::ZeroDuration()) {
        not_stored_.push_back(key);
        continue;
      }
      absl::StatusOr<Found> found = calls_.Get(key, left, /*no_fill=*/false);
      if (!found.ok()) return found.status();
      answers = found->status != Found::Status::kNoAnswer;
      Sort(key, *std::move(found));
      if (own_.empty()) continue;
      // Now: others may wait for it.
      if (absl::Status status = LoadOwn(); !status.ok()) return status;
    }
    for (std::string& key : others_) not_stored_.push_back(std::move(key));
    others_.clear();
    if (absl::Status status = LoadOwn(); !status.ok()) return status;
    RefreshAll();
    return absl::OkStatus();
  }

  absl::Status Take(const std::vector<std::string>& keys,
                    absl::StatusOr<Values> loaded) {
    if (!loaded.ok()) return loaded.status();
    for (const std::string& key : keys) {
      const auto value = loaded->find(key);
      if (value != loaded->end()) {
        answer_.values[key] = std::move(value->second);
      }
      answer_.loaded.push_back(key);
    }
    return absl::OkStatus();
  }

  CacheCalls calls_;
  Loader loader_;
  LoadOptions options_;
  C codec_;
  CachedMany<T> answer_;
  std::vector<FillToken> own_;           // to load now
  std::vector<FillToken> refresh_;       // to load in the background
  std::vector<std::string> others_;      // that others load
  std::vector<std::string> not_stored_;  // to load without a token
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_INTERNAL_CACHE_LOADING_MANY_H_
