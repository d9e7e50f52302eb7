#include "coord/cache/hot_keys.h"

#include <memory>
#include <utility>

#include "coord/gather.h"

namespace outrigger::coord {

void HotKeys::Publish(Space& space) {
  if (space.l1() == nullptr || !context_.coherence.verified()) return;
  std::vector<store::HotKey> hot;
  space.l1()->VisitHot(kTold, [&hot](const cache::Entry& entry) {
    hot.push_back({std::string(entry.key()), 1});
  });
  if (hot.empty()) return;
  context_.store.AddHotKeys(space.name(), std::move(hot),
                            [](const absl::Status&) {});
}

void HotKeys::Warm(Space& space, std::vector<std::string> keys,
                   absl::AnyInvocable<void(uint64_t)> done) {
  auto gather = std::make_shared<Gather<uint64_t>>(
      [done = std::move(done)](const uint64_t& loaded) mutable {
        done(loaded);
      });
  for (std::string& key : keys) {
    gather->Expect();
    reader_.Load(space, std::move(key), [gather](bool loaded) {
      gather->Arrive([loaded](uint64_t& sum) { sum += loaded ? 1 : 0; });
    });
  }
  gather->Arrive();
}

void HotKeys::WarmHot(Space& space, int most,
                      absl::AnyInvocable<void(uint64_t)> done) {
  if (most == 0 || space.l1() == nullptr) return done(0);
  context_.store.ReadHotKeys(
      space.name(), most,
      [this, &space, done = std::move(done)](
          const absl::StatusOr<std::vector<store::HotKey>>& hot) mutable {
        std::vector<std::string> keys;
        if (hot.ok()) {
          for (const store::HotKey& key : *hot) keys.push_back(key.key);
        }
        Warm(space, std::move(keys), std::move(done));
      });
}

}  // namespace outrigger::coord
