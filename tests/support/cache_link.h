// Pods' links to a shared cache store in memory: they can be slow, lossy or
// cut, and so can the news that comes over them.
#ifndef OUTRIGGER_TESTS_SUPPORT_CACHE_LINK_H_
#define OUTRIGGER_TESTS_SUPPORT_CACHE_LINK_H_

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/executor.h"
#include "base/random.h"
#include "store/memory_cache_store.h"

namespace outrigger {

// Hears of the shared store's changes, and tells all links.
class CacheHub final : public store::CacheListener {
 public:
  explicit CacheHub(store::MemoryCacheStore& shared) : shared_(shared) {
    shared_.Listen(this);
  }
  store::MemoryCacheStore& shared() { return shared_; }
  void Add(store::CacheListener* link) { links_.push_back(link); }
  void Remove(store::CacheListener* link) { std::erase(links_, link); }

  void OnChanged(const std::vector<store::CacheKey>& keys) override {
    for (auto* link : links_) link->OnChanged(keys);
  }
  void OnMarked(const std::string& ns) override {
    for (auto* link : links_) link->OnMarked(ns);
  }
  void OnJournal(const std::string& ns) override {
    for (auto* link : links_) link->OnJournal(ns);
  }
  void OnUnverified() override {
    for (auto* link : links_) link->OnUnverified();
  }
  void OnVerified(bool forgot) override {
    for (auto* link : links_) link->OnVerified(forgot);
  }

 private:
  store::MemoryCacheStore& shared_;
  std::vector<store::CacheListener*> links_;
};

// One pod's link. Not thread-safe. Without faults everything happens inline.
class CacheLink final : public store::CacheStore, public store::CacheListener {
 public:
  struct Faults {
    // Each message, command, answer or news, takes up to this; 0: none does.
    Duration slowest{};
    // Share of commands that get lost, or whose answers do.
    double lost = 0;
  };
  static constexpr Duration kTimeout = std::chrono::milliseconds(50);

  CacheLink(CacheHub& hub, Executor& executor, const Clock& clock,
            RandomSource& random)
      : hub_(hub), executor_(executor), clock_(clock), random_(random) {
    hub_.Add(this);
  }
  ~CacheLink() override { hub_.Remove(this); }

  Faults faults;

  // Commands fail at once, and news is not heard of.
  void Cut() {
    cut_ = true;
    LoseNews();
    listener_->OnUnverified();
  }
  void Mend(bool forgot = false) {
    cut_ = false;
    HearNews(forgot);
  }
  // News is lost from now on, which the pod notices when told to.
  void LoseNews() {
    hearing_ = false;
    ++hearings_;
  }
  void NoticeLoss() { listener_->OnUnverified(); }
  void HearNews(bool forgot) {
    hearing_ = true;
    ++hearings_;
    listener_->OnVerified(forgot);
  }
  bool hearing() const { return hearing_; }
  // Writes and the journal fail; all else works.
  void FailWrites(bool fail) { fail_writes_ = fail; }
  void SetHeardUntil(MonotonicTime until) { heard_until_ = until; }

  int reads() const { return reads_; }
  int acquires() const { return acquires_; }
  int writes() const { return writes_; }

  // store::CacheStore
  void Listen(store::CacheListener* listener) override {
    listener_ = listener;
    if (hearing_) listener_->OnVerified(true);
  }
  void Read(store::CacheKey key, Callback<std::string> done) override {
    ++reads_;
    Do<std::string>(std::move(done), [this, key](Callback<std::string> answer) {
      hub_.shared().Read(key, std::move(answer));
    });
  }
  void ReadHeader(store::CacheKey key, Callback<std::string> done) override {
    Do<std::string>(std::move(done), [this, key](Callback<std::string> answer) {
      hub_.shared().ReadHeader(key, std::move(answer));
    });
  }
  void Acquire(store::AcquireRequest request,
               Callback<store::AcquireReply> done) override {
    ++acquires_;
    Do<store::AcquireReply>(
        std::move(done), [this, request](Callback<store::AcquireReply> answer) {
          hub_.shared().Acquire(request, std::move(answer));
        });
  }
  void Write(store::WriteRequest request,
             Callback<store::WriteReply> done) override {
    ++writes_;
    if (fail_writes_) return done(Lost());
    Do<store::WriteReply>(std::move(done),
                          [this, request](Callback<store::WriteReply> answer) {
                            hub_.shared().Write(request, std::move(answer));
                          });
  }
  void Remove(store::RemoveRequest request, Callback<bool> done) override {
    Do<bool>(std::move(done), [this, request](Callback<bool> answer) {
      hub_.shared().Remove(request, std::move(answer));
    });
  }
  void Abandon(store::CacheKey key, store::CacheToken token,
               Done done) override {
    Do<bool>(
        [done = std::move(done)](const absl::StatusOr<bool>& ok) mutable {
          done(ok.status());
        },
        [this, key, token](Callback<bool> answer) {
          hub_.shared().Abandon(
              key, token, [&answer](const absl::Status&) { answer(true); });
        });
  }
  void AddMarks(store::MarkRequest request, Callback<uint64_t> done) override {
    Do<uint64_t>(std::move(done), [this, request](Callback<uint64_t> answer) {
      hub_.shared().AddMarks(request, std::move(answer));
    });
  }
  void ReadMarks(std::string ns, Callback<store::Marks> done) override {
    Do<store::Marks>(std::move(done),
                     [this, ns](Callback<store::Marks> answer) {
                       hub_.shared().ReadMarks(ns, std::move(answer));
                     });
  }
  void ReadTags(std::string ns, std::vector<std::string> tags,
                Callback<std::vector<store::TagMarks>> done) override {
    Do<std::vector<store::TagMarks>>(
        std::move(done),
        [this, ns, tags](Callback<std::vector<store::TagMarks>> answer) {
          hub_.shared().ReadTags(ns, tags, std::move(answer));
        });
  }
  void Append(std::string ns, store::JournalEntry entry,
              Callback<std::string> done) override {
    if (fail_writes_) return done(Lost());
    Do<std::string>(std::move(done),
                    [this, ns, entry](Callback<std::string> answer) {
                      hub_.shared().Append(ns, entry, std::move(answer));
                    });
  }
  void Pull(store::PullRequest request,
            Callback<std::vector<store::JournalEntry>> done) override {
    Do<std::vector<store::JournalEntry>>(
        std::move(done),
        [this, request](Callback<std::vector<store::JournalEntry>> answer) {
          hub_.shared().Pull(request, std::move(answer));
        });
  }
  void Acknowledge(std::string ns, std::vector<std::string> ids,
                   Done done) override {
    Do<bool>([done = std::move(done)](
                 const absl::StatusOr<bool>& ok) mutable { done(ok.status()); },
             [this, ns, ids](Callback<bool> answer) {
               hub_.shared().Acknowledge(
                   ns, ids, [&answer](const absl::Status&) { answer(true); });
             });
  }
  void AddHotKeys(std::string ns, std::vector<store::HotKey> keys,
                  Done done) override {
    if (cut_) return done(Lost());
    hub_.shared().AddHotKeys(std::move(ns), std::move(keys), std::move(done));
  }
  void ReadHotKeys(std::string ns, int most,
                   Callback<std::vector<store::HotKey>> done) override {
    if (cut_) return done(Lost());
    hub_.shared().ReadHotKeys(std::move(ns), most, std::move(done));
  }
  int64_t NowMs() const override { return hub_.shared().NowMs(); }
  bool reachable() const override { return !cut_; }
  MonotonicTime heard_until() const override { return heard_until_; }

  // store::CacheListener: news from the hub.
  void OnChanged(const std::vector<store::CacheKey>& keys) override {
    News([this, keys] { listener_->OnChanged(keys); });
  }
  void OnMarked(const std::string& ns) override {
    News([this, ns] { listener_->OnMarked(ns); });
  }
  void OnJournal(const std::string& ns) override {
    News([this, ns] { listener_->OnJournal(ns); });
  }
  void OnUnverified() override {
    if (listener_ != nullptr) listener_->OnUnverified();
  }
  void OnVerified(bool forgot) override {
    if (listener_ != nullptr && hearing_) listener_->OnVerified(forgot);
  }

 private:
  static absl::Status Lost() {
    return absl::UnavailableError("the link is cut");
  }

  Duration Delay() {
    return std::chrono::duration_cast<Duration>(faults.slowest *
                                                random_.NextDouble());
  }

  template <typename T, typename Work>
  void Do(Callback<T> done, Work work) {
    if (cut_) return done(Lost());
    if (faults.slowest == Duration{} && faults.lost == 0) {
      return work(std::move(done));
    }
    const bool command_lost = random_.NextDouble() < faults.lost / 2;
    const bool answer_lost = random_.NextDouble() < faults.lost / 2;
    if (command_lost) return Fail<T>(std::move(done));
    executor_.RunAt(clock_.Now() + Delay(), [this, done = std::move(done), work,
                                             answer_lost]() mutable {
      auto result = std::make_shared<absl::StatusOr<T>>(Lost());
      work([result](absl::StatusOr<T> r) { *result = std::move(r); });
      if (answer_lost) return Fail<T>(std::move(done));
      executor_.RunAt(clock_.Now() + Delay(),
                      [done = std::move(done), result]() mutable {
                        done(std::move(*result));
                      });
    });
  }

  template <typename T>
  void Fail(Callback<T> done) {
    executor_.RunAt(clock_.Now() + kTimeout,
                    [done = std::move(done)]() mutable {
                      done(absl::DeadlineExceededError("no answer"));
                    });
  }

  // In order, as over one connection; what is on its way when that is lost does
  // not come.
  void News(absl::AnyInvocable<void()> tell) {
    if (listener_ == nullptr || !hearing_) return;
    if (faults.slowest == Duration{}) return tell();
    news_due_ = std::max(news_due_, clock_.Now() + Delay());
    executor_.RunAt(news_due_, [this, hearing = hearings_,
                                tell = std::move(tell)]() mutable {
      if (hearing == hearings_) tell();
    });
  }

  CacheHub& hub_;
  Executor& executor_;
  const Clock& clock_;
  RandomSource& random_;
  store::CacheListener* listener_ = nullptr;
  bool cut_ = false;
  bool hearing_ = true;
  bool fail_writes_ = false;
  MonotonicTime heard_until_ = MonotonicTime::max();
  uint64_t hearings_ = 0;
  MonotonicTime news_due_{};
  int reads_ = 0;
  int acquires_ = 0;
  int writes_ = 0;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_CACHE_LINK_H_
