// Each way to balance, by itself: its order, its fairness by weight and by
// load, and what it does with endpoints to avoid.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "pool/balance/balancer.h"
#include "pool/balance/hash_ring.h"

namespace outrigger::pool {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;

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
  RecordProperty("same_order_as_nginx", same);
  std::cout << same << " of " << cases << " " << ours / cases << " "
            << theirs / cases << std::endl;
  EXPECT_LE(ours, theirs * 1.05);
}

}  // namespace
}  // namespace outrigger::pool
