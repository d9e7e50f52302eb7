// Endpoints under random events, beside what a simple account of them says: who
// may be chosen, what is in use, how many are ejected.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "pool/endpoints.h"
#include "pool/pool_under_test.h"

namespace outrigger::pool {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kSteps = 3000;

class Model {
 public:
  Model(Balance balance, uint32_t seed)
      : random_(seed), options_(Options(balance)), endpoints_(options_, now_) {}

  void Step() {
    switch (Dice(12)) {
      case 0:
        now_ += milliseconds(Dice(20'000));
        break;
      case 1:
        Check();
        break;
      case 2:
        Report();
        break;
      case 3:
        if (Dice(10) == 0) Change();
        break;
      case 4:
      case 5:
        End();
        break;
      default:
        ChooseOne();
    }
    Compare();
  }

  uint64_t ejections() const { return ejections_; }
  uint64_t panics() const { return panics_; }

 private:
  PoolOptions Options(Balance balance) {
    PoolOptions options = Plain({});
    options.balance = balance;
    options.zone = "x";
    options.health.panic = 0.5;
    options.health.eject_after = 2;
    options.health.eject_share = 0.4;
    options.health.eject_for = seconds(5);
    options.health.slow_start = seconds(Dice(2) * 10);
    options.thresholds.valid_for = seconds(7);
    options.endpoints = {Dns("db:1")};
    return options;
  }

  uint64_t Dice(uint64_t sides) { return random_() % sides; }
  std::string Address() { return absl::StrCat("n", Dice(12), ":1"); }

  void Check() { endpoints_.OnCheck(Address(), Dice(3) != 0, "refused", now_); }

  void Report() {
    EndpointLoad load;
    load.cpu = 0.5 + 0.1 * static_cast<double>(Dice(6));
    endpoints_.OnLoad(Address(), load, now_);
  }

  // Of the configuration, or of what the name stands for.
  void Change() {
    if (Dice(2) == 0) {
      std::vector<std::string> addresses;
      for (uint64_t i = Dice(6); i > 0; --i) addresses.push_back(Address());
      endpoints_.SetAddresses("db:1", addresses, now_);
      return;
    }
    options_.endpoints = {Dns("db:1")};
    for (int i = 0; i < 12; ++i) {
      if (Dice(2) == 0) continue;
      EndpointOptions endpoint = Static(absl::StrCat("n", i), 1.0 + Dice(4));
      endpoint.role = static_cast<Role>(Dice(4));
      endpoint.backup = endpoint.role != Role::kShard && Dice(4) == 0;
      endpoint.zone = std::string(1, static_cast<char>('w' + Dice(3)));
      options_.endpoints.push_back(endpoint);
    }
    endpoints_.Update(options_, now_);
  }

  void End() {
    if (held_.empty()) return;
    const size_t which = Dice(held_.size());
    const EndpointId id = held_[which];
    held_[which] = held_.back();
    held_.pop_back();
    --in_use_[id];
    ASSERT_NE(endpoints_.Find(id), nullptr) << "in use, and not named";
    // Some fail nearly always.
    const bool bad = id / 1024 % 3 == 0;
    const auto outcome = static_cast<Outcome>(Dice(3));
    endpoints_.End(id, bad && Dice(5) != 0 ? Outcome::kFailure : outcome, now_);
    if (Dice(10) != 0) return;
    // Once too often is the caller's fault, and breaks nothing.
    if (in_use_[id] == 0) endpoints_.End(id, Outcome::kIgnored, now_);
  }

  void ChooseOne() {
    const auto role = static_cast<Role>(Dice(4));
    const std::string key = Dice(3) == 0 ? "" : absl::StrCat(Dice(50));
    const std::string avoided = Address();
    std::vector<absl::string_view> avoid;
    if (Dice(3) == 0) avoid.push_back(avoided);
    ChoiceQuery query;
    query.role = role;
    query.session_key = key;
    query.avoid = avoid;
    query.random = random_();
    const Choice choice = endpoints_.Choose(query, now_);
    role == Role::kShard ? CheckShard(key, choice)
                         : CheckChoice(role, avoid, choice);
    if (choice.id == kNoEndpoint || Dice(3) == 0) return;
    endpoints_.Begin(choice.id);
    held_.push_back(choice.id);
    ++in_use_[choice.id];
  }

  static bool Usable(const EndpointView& view) {
    return view.health == EndpointHealth::kHealthy ||
           view.health == EndpointHealth::kUnknown;
  }

  void CheckChoice(Role role, const std::vector<absl::string_view>& avoid,
                   const Choice& choice) {
    std::map<EndpointId, EndpointView> serving;
    bool any[2] = {false, false};  // usable: others, backups
    bool others = false;           // usable, no backup, and not to be avoided
    for (const EndpointView& view : endpoints_.View(now_)) {
      const Role its = view.options.role;
      if (role != Role::kAny && its != Role::kAny && its != role) continue;
      serving[view.id] = view;
      const bool backup = view.options.backup;
      any[backup] = any[backup] || Usable(view);
      const bool avoided =
          std::count(avoid.begin(), avoid.end(), view.options.address) > 0;
      others = others || (Usable(view) && !backup && !avoided);
    }
    if (choice.id == kNoEndpoint) {
      ASSERT_FALSE(any[0] || any[1]) << "one can be used";
      return;
    }
    ASSERT_EQ(serving.count(choice.id), 1U) << "of another role, or gone";
    const EndpointView& chosen = serving[choice.id];
    ASSERT_NE(chosen.health, EndpointHealth::kOverloaded);
    ASSERT_TRUE(choice.panic || Usable(chosen));
    ASSERT_FALSE(any[0] && chosen.options.backup);
    panics_ += choice.panic;
    if (others) {
      ASSERT_EQ(std::count(avoid.begin(), avoid.end(), chosen.options.address),
                0);
    }
  }

  void CheckShard(const std::string& key, const Choice& choice) {
    std::set<EndpointId> shards;
    for (const EndpointView& view : endpoints_.View(now_)) {
      if (view.options.role != Role::kShard) continue;
      shards.insert(view.id);
      ASSERT_TRUE(view.id != choice.id || choice.panic || Usable(view));
    }
    if (choice.id == kNoEndpoint) return;
    ASSERT_EQ(shards.count(choice.id), 1U);
    // While the shards are the same, a key is always the same one's.
    if (shards != shards_) owners_.clear();
    shards_ = shards;
    const auto [owner, fresh] = owners_.insert({key, choice.id});
    ASSERT_TRUE(fresh || owner->second == choice.id);
  }

  void Compare() {
    std::map<Role, size_t> all;
    std::map<Role, size_t> ejected;
    for (const EndpointView& view : endpoints_.View(now_)) {
      ASSERT_EQ(view.in_use, in_use_[view.id]);
      ASSERT_GT(view.effective_weight, 0);
      ASSERT_LE(view.effective_weight, view.options.weight);
      ++all[view.options.role];
      ejected[view.options.role] += view.ejected_for > Duration::zero();
    }
    // One that leaves, or changes its role, can leave others ejected; no more
    // are then, until there are fewer.
    const uint64_t ejections = endpoints_.ejections();
    if (ejections > ejections_) {
      bool within = false;
      for (const auto& [role, many] : ejected) {
        const double most = std::max(1.0, 0.4 * static_cast<double>(all[role]));
        within = within || (many > 0 && all[role] > 1 &&
                            static_cast<double>(many) <= most);
      }
      ASSERT_TRUE(within) << "too many were ejected";
    }
    ejections_ = ejections;
    const MonotonicTime next = endpoints_.next_change(now_);
    ASSERT_GT(next, now_);
  }

  std::mt19937_64 random_;
  MonotonicTime now_ = MonotonicTime(std::chrono::hours(1));
  PoolOptions options_;
  Endpoints endpoints_;
  std::vector<EndpointId> held_;
  std::map<EndpointId, uint32_t> in_use_;
  uint64_t ejections_ = 0;
  uint64_t panics_ = 0;
  std::set<EndpointId> shards_;
  std::map<std::string, EndpointId> owners_;
};

class EndpointsModelTest : public testing::TestWithParam<Balance> {};

INSTANTIATE_TEST_SUITE_P(
    Balances, EndpointsModelTest,
    testing::Values(Balance::kLeastConnections, Balance::kRoundRobin,
                    Balance::kWeighted, Balance::kRandomTwo, Balance::kSticky,
                    Balance::kZoneAware),
    [](const auto& info) { return std::string(BalanceName(info.param)); });

TEST_P(EndpointsModelTest, NeverOneThatCannotBeUsed) {
  uint64_t ejections = 0;
  uint64_t panics = 0;
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    Model model(GetParam(), seed);
    for (int i = 0; i < kSteps; ++i) {
      model.Step();
      ASSERT_FALSE(HasFatalFailure()) << "step " << i;
    }
    ejections += model.ejections();
    panics += model.panics();
  }
  EXPECT_GT(ejections, 100U) << "hardly anything was tried";
  EXPECT_GT(panics, 100U) << "hardly anything was tried";
}

}  // namespace
}  // namespace outrigger::pool
