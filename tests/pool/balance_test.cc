// Each way to balance, by itself: its order, its fairness by weight and by
// load, and what it does with endpoints to avoid.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "pool/balance/balancer.h"
#include "pool/balance/hash_ring.h"

namespace outrigger::pool {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;
using testing::UnorderedElementsAre;

const HashRing& NoRing() {
  static const auto* const ring = new HashRing();
  return *ring;
}

// A balancer over a few endpoints, which are called a, b, c, …
class Bench {
 public:
  Bench(Balance balance, std::vector<double> weights)
      : balancer_(MakeBalancer(balance, "", NoRing())), random_(1) {
    for (size_t i = 0; i < weights.size(); ++i) {
      Candidate candidate;
      candidate.seat = static_cast<Seat>(i);
      candidate.id = kSeats + i;
      candidate.weight = weights[i];
      all_.push_back(candidate);
    }
    in_use_.resize(weights.size());
    Use(std::string(weights.size(), '+'));
  }

  // Those with '+' can be used from now on.
  void Use(const std::string& which) {
    std::vector<Candidate> usable;
    for (size_t i = 0; i < which.size(); ++i) {
      all_[i].in_use = in_use_[i];
      if (which[i] == '+') usable.push_back(all_[i]);
    }
    balancer_->Reset({usable, {}, false});
  }
  void SetWeight(Seat seat, double weight) { all_[seat].weight = weight; }

  Seat Next() { return balancer_->Choose({"", random_(), nullptr}); }
  Seat NextBut(const SeatSet& avoid) {
    return balancer_->Choose({"", random_(), &avoid});
  }
  std::string Order(int many) {
    std::string order;
    while (many-- > 0) order += static_cast<char>('a' + Next());
    return order;
  }
  // How often each was chosen of so many times.
  std::vector<int> Counts(int many) {
    std::vector<int> counts(in_use_.size());
    while (many-- > 0) ++counts[Next()];
    return counts;
  }
  void Begin(Seat seat) { balancer_->OnUse(seat, ++in_use_[seat]); }
  void End(Seat seat) { balancer_->OnUse(seat, --in_use_[seat]); }
  uint32_t in_use(Seat seat) const { return in_use_[seat]; }
  std::mt19937_64& random() { return random_; }

 private:
  std::unique_ptr<Balancer> balancer_;
  std::vector<Candidate> all_;
  std::vector<uint32_t> in_use_;
  std::mt19937_64 random_;
};

// nginx' smooth weighted round robin, as its authors describe it: each step
// adds to each its weight, and takes the sum from the greatest, which is
// chosen.
std::string AsNginx(const std::vector<int>& weights, int many) {
  std::vector<int> current(weights.size());
  int sum = 0;
  for (const int weight : weights) sum += weight;
  std::string order;
  while (many-- > 0) {
    for (size_t i = 0; i < weights.size(); ++i) current[i] += weights[i];
    const auto best = std::max_element(current.begin(), current.end());
    *best -= sum;
    order += static_cast<char>('a' + (best - current.begin()));
  }
  return order;
}

// How far the most unlucky one ever is from its share of the choices so far.
double Unevenness(const std::string& order, const std::vector<int>& weights) {
  double sum = 0;
  for (const int weight : weights) sum += weight;
  std::vector<int> counts(weights.size());
  double worst = 0;
  for (size_t n = 0; n < order.size(); ++n) {
    ++counts[static_cast<size_t>(order[n] - 'a')];
    for (size_t i = 0; i < weights.size(); ++i) {
      const double due = static_cast<double>(n + 1) * weights[i] / sum;
      worst = std::max(worst, std::abs(counts[i] - due));
    }
  }
  return worst;
}

TEST(WeightedTest, TheOrderIsNginxs) {
  // The first is from the commit that brought it to nginx.
  EXPECT_EQ(Bench(Balance::kWeighted, {5, 1, 1}).Order(14), "aabacaaaabacaa");
  for (const std::vector<int>& weights :
       std::vector<std::vector<int>>{{1},
                                     {1, 1, 1},
                                     {2, 1},
                                     {3, 1},
                                     {1, 3},
                                     {4, 2, 1},
                                     {3, 2, 1},
                                     {5, 1, 1},
                                     {7, 2}}) {
    const std::vector<double> same(weights.begin(), weights.end());
    EXPECT_EQ(Bench(Balance::kWeighted, same).Order(30), AsNginx(weights, 30));
  }
}

TEST(WeightedTest, NoLessSmoothThanNginx) {
  int cases = 0;
  int same = 0;
  double ours = 0;
  double theirs = 0;
  for (int a = 1; a <= 8; ++a) {
    for (int b = 1; b <= 8; ++b) {
      for (int c = 1; c <= 8; ++c) {
        const std::vector<int> weights = {a, b, c};
        const int many = 3 * (a + b + c);
        const std::string order =
            Bench(Balance::kWeighted, {1.0 * a, 1.0 * b, 1.0 * c}).Order(many);
        const std::string nginx = AsNginx(weights, many);
        ++cases;
        same += order == nginx;
        ours += Unevenness(order, weights);
        theirs += Unevenness(nginx, weights);
        EXPECT_LT(Unevenness(order, weights), 1);
        std::vector<int> counts(3);
        for (const char x : order) ++counts[static_cast<size_t>(x - 'a')];
        EXPECT_THAT(counts, ElementsAre(3 * a, 3 * b, 3 * c)) << order;
      }
    }
  }
  // Nginx looks at all endpoints, so where more than two are due at about the
  // same time it can do a little better.
  EXPECT_GE(same, cases * 2 / 3);
  EXPECT_LE(ours, theirs * 1.02);
}

TEST(WeightedTest, SharesAreByWeightWhateverTheWeightsAre) {
  const std::vector<double> weights = {0.001, 0.37, 1, 2.5, 99.129, 1000};
  double sum = 0;
  for (const double weight : weights) sum += weight;
  Bench bench(Balance::kWeighted, weights);
  const std::vector<int> counts = bench.Counts(3'000'000);
  for (size_t i = 0; i < weights.size(); ++i) {
    EXPECT_NEAR(counts[i], 3'000'000 * weights[i] / sum, 1) << weights[i];
  }
}

TEST(WeightedTest, AWeightOfNextToNothingIsStillServed) {
  Bench bench(Balance::kWeighted, {1e-300, 1});
  const std::vector<int> counts = bench.Counts(60'000);
  EXPECT_THAT(counts[0], AllOf(Ge(9), Le(11)));
}

TEST(WeightedTest, AChangeDoesNotBeginTheOrderAnew) {
  Bench bench(Balance::kWeighted, {5, 1, 1});
  std::string order;
  for (int i = 0; i < 70; ++i) {
    order += bench.Order(1);
    bench.Use("+++");
  }
  EXPECT_EQ(order, Bench(Balance::kWeighted, {5, 1, 1}).Order(70));
}

TEST(WeightedTest, OneThatComesBackGetsNoMoreThanItsShare) {
  Bench bench(Balance::kWeighted, {1, 1, 1, 1});
  bench.Use("-+++");
  EXPECT_THAT(bench.Counts(3000), ElementsAre(0, 1000, 1000, 1000));
  bench.Use("++++");
  EXPECT_THAT(bench.Counts(400), Each(AllOf(Ge(99), Le(101))));
}

TEST(WeightedTest, AWeightThatGrowsCountsFromNowOn) {
  Bench bench(Balance::kWeighted, {1, 1, 1, 0.01});
  bench.Counts(31);
  bench.SetWeight(3, 1);
  bench.Use("++++");
  EXPECT_THAT(bench.Counts(400), Each(AllOf(Ge(99), Le(101))));
}

TEST(WeightedTest, ThoseToAvoidAreLeftOutAndCatchUpOnNothing) {
  Bench bench(Balance::kWeighted, {1, 2, 3, 4});
  SeatSet avoid;
  avoid.set(0).set(3);
  std::vector<int> counts(4);
  for (int i = 0; i < 500; ++i) ++counts[bench.NextBut(avoid)];
  EXPECT_THAT(counts, ElementsAre(0, 200, 300, 0));
  const std::vector<int> after = bench.Counts(1000);
  EXPECT_THAT(after,
              ElementsAre(AllOf(Ge(99), Le(102)), AllOf(Ge(198), Le(202)),
                          AllOf(Ge(297), Le(303)), AllOf(Ge(396), Le(404))));
}

TEST(RoundRobinTest, InTurn) {
  Bench bench(Balance::kRoundRobin, {1, 1, 1});
  EXPECT_EQ(bench.Order(7), "abcabca");
  bench.Use("+-+");
  EXPECT_EQ(bench.Order(4), "caca");
  bench.Use("+++");
  const std::string order = bench.Order(6);
  EXPECT_EQ(order.substr(0, 3), order.substr(3)) << order;
  EXPECT_THAT(order.substr(0, 3), UnorderedElementsAre('a', 'b', 'c'));
}

TEST(LeastConnectionsTest, TheFewestLeasesForTheWeight) {
  Bench bench(Balance::kLeastConnections, {5, 1, 2});
  for (int i = 0; i < 80; ++i) bench.Begin(bench.Next());
  EXPECT_EQ(bench.in_use(0), 50U);
  EXPECT_EQ(bench.in_use(1), 10U);
  EXPECT_EQ(bench.in_use(2), 20U);
  for (int i = 0; i < 5; ++i) bench.End(1);
  for (int i = 0; i < 5; ++i) {
    const Seat next = bench.Next();
    EXPECT_EQ(next, 1);
    bench.Begin(next);
  }
}

TEST(LeastConnectionsTest, ThoseWithTheSameLoadTakeTurnsByWeight) {
  Bench bench(Balance::kLeastConnections, {5, 1, 1});
  EXPECT_EQ(bench.Order(14), "aabacaaaabacaa") << "nothing is in use";
  Bench many(Balance::kLeastConnections, std::vector<double>(26, 1));
  EXPECT_EQ(many.Order(26), "abcdefghijklmnopqrstuvwxyz");
}

// One that has been busy for long, and is not any more, is not chosen again and
// again by those who only look.
TEST(LeastConnectionsTest, NoHerdToOneThatIsIdleAgain) {
  Bench bench(Balance::kLeastConnections, {1, 1, 1});
  bench.Begin(0);
  EXPECT_THAT(bench.Counts(1000), ElementsAre(0, 500, 500));
  bench.End(0);
  EXPECT_THAT(bench.Counts(300), Each(AllOf(Ge(99), Le(101))));
}

TEST(LeastConnectionsTest, IsTheLeastWhateverHappens) {
  const std::vector<double> weights = {1, 2, 3, 1, 2, 3, 0.5, 7, 1, 1};
  Bench bench(Balance::kLeastConnections, weights);
  std::vector<Seat> held;
  for (int step = 0; step < 20'000; ++step) {
    const uint64_t dice = bench.random()();
    if (dice % 5 < 2 && !held.empty()) {
      const size_t which = (dice >> 8) % held.size();
      bench.End(held[which]);
      held[which] = held.back();
      held.pop_back();
      continue;
    }
    SeatSet avoid;
    if (dice % 5 == 2) avoid = SeatSet(dice >> 8 & 0x1ff);
    const Seat next = bench.NextBut(avoid);
    ASSERT_FALSE(avoid.test(next));
    for (Seat other = 0; other < weights.size(); ++other) {
      if (avoid.test(other)) continue;
      ASSERT_LE(bench.in_use(next) / weights[next],
                bench.in_use(other) / weights[other] + 1e-6);
    }
    if (dice % 7 != 0 && held.size() < 300) {
      bench.Begin(next);
      held.push_back(next);
    }
  }
}

TEST(RandomTwoTest, ByWeightIfNothingIsInUse) {
  const std::vector<double> weights = {1, 2, 3, 4, 90};
  Bench bench(Balance::kRandomTwo, weights);
  const std::vector<int> counts = bench.Counts(1'000'000);
  for (size_t i = 0; i < weights.size(); ++i) {
    EXPECT_NEAR(counts[i], 10'000 * weights[i], 500);
  }
}

// The most leases that one endpoint has, of as many as there are endpoints: log
// log n / log 2 and a little (about 3), not log n / log log n (about 6).
TEST(RandomTwoTest, NoOneHasManyMoreThanTheMean) {
  Bench bench(Balance::kRandomTwo, std::vector<double>(1000, 1));
  uint32_t most = 0;
  for (int i = 0; i < 1000; ++i) {
    const Seat next = bench.Next();
    bench.Begin(next);
    most = std::max(most, bench.in_use(next));
  }
  EXPECT_LE(most, 4U);
}

TEST(RandomTwoTest, OfTwoTheOneWithFewerForItsWeight) {
  Bench bench(Balance::kRandomTwo, {1, 3});
  for (int i = 0; i < 40; ++i) bench.Begin(bench.Next());
  EXPECT_NEAR(bench.in_use(0), 10, 1);
  EXPECT_NEAR(bench.in_use(1), 30, 1);
}

TEST(RandomTwoTest, OneAloneIsChosenAndThoseToAvoidAreNot) {
  EXPECT_EQ(Bench(Balance::kRandomTwo, {1}).Order(3), "aaa");
  Bench bench(Balance::kRandomTwo, {1000, 1, 1000, 0.001});
  SeatSet avoid;
  avoid.set(0).set(2).set(1);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(bench.NextBut(avoid), 3);
}

}  // namespace
}  // namespace outrigger::pool
