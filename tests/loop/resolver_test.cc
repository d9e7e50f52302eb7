#include "loop/resolver.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <atomic>
#include <future>
#include <optional>
#include <thread>

#include "absl/synchronization/notification.h"
#include "loop/loop.h"
#include "support/wait_for.h"

namespace outrigger {
namespace {

using Found = absl::StatusOr<std::vector<SocketAddress>>;

uint16_t PortOf(const SocketAddress& address) {
  return ntohs(reinterpret_cast<const sockaddr_in&>(address.storage).sin_port);
}

// A loop on a thread of its own, with a resolver.
class ResolverTest : public testing::Test {
 protected:
  void Start(Resolver::Lookup lookup = SystemLookup) {
    resolver_ = std::make_unique<Resolver>(loop_.base(), std::move(lookup));
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~ResolverTest() override {
    if (thread_.joinable()) {
      OnLoop([this] { resolver_.reset(); });
      loop_.Stop();
      thread_.join();
    }
  }
  void OnLoop(const std::function<void()>& work) {
    absl::Notification done;
    loop_.Post([&] {
      work();
      done.Notify();
    });
    done.WaitForNotification();
  }
  Found Resolve(const std::string& host, uint16_t port) {
    std::promise<Found> answer;
    std::unique_ptr<Resolver::Query> query;
    OnLoop([&] {
      query = resolver_->Resolve(
          host, port, [&](Found found) { answer.set_value(std::move(found)); });
    });
    Found found = answer.get_future().get();
    OnLoop([&] { query.reset(); });
    return found;
  }

  Loop loop_;
  std::unique_ptr<Resolver> resolver_;
  std::thread thread_;
};

TEST_F(ResolverTest, KnowsLocalhost) {
  Start();
  const Found found = Resolve("localhost", 5432);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_FALSE(found->empty());
  EXPECT_EQ(PortOf(found->front()), 5432);
}

TEST_F(ResolverTest, TakesAddressesAsTheyAre) {
  Start([](auto&, auto) -> Found { return absl::InternalError("asked"); });
  EXPECT_EQ(Resolve("127.0.0.1", 80)->front().storage.ss_family, AF_INET);
  EXPECT_EQ(Resolve("::1", 80)->front().storage.ss_family, AF_INET6);
}

TEST_F(ResolverTest, SaysThatThereIsNoSuchName) {
  Start();
  // A label of more than 63 bytes: known to be wrong without a name server.
  const Found found = Resolve(std::string(64, 'a') + ".invalid", 1);
  EXPECT_EQ(found.status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ResolverTest, LooksUpSoManyAtATimeAndTheOthersLater) {
  std::atomic<int> now{0}, most{0}, done{0};
  absl::Notification go;
  Start([&](auto&, auto) -> Found {
    const int count = ++now;
    int before = most;
    while (before < count && !most.compare_exchange_weak(before, count)) {
    }
    go.WaitForNotification();
    --now;
    return std::vector<SocketAddress>{UnixAddress("/x")};
  });
  std::vector<std::unique_ptr<Resolver::Query>> queries;
  OnLoop([&] {
    for (int i = 0; i < 20; ++i) {
      queries.push_back(resolver_->Resolve("name", 1, [&](auto) { ++done; }));
    }
  });
  EXPECT_TRUE(WaitFor([&] { return now == Resolver::kMaxThreads; }));
  go.Notify();
  EXPECT_TRUE(WaitFor([&] { return done == 20; }));
  EXPECT_EQ(most, Resolver::kMaxThreads);
  OnLoop([&] { queries.clear(); });
}

TEST_F(ResolverTest, ADroppedQuestionIsNotAnswered) {
  // Threads may use it for longer than the test lasts.
  const auto go = std::make_shared<absl::Notification>();
  std::atomic<int> done{0};
  Start([go](auto&, auto) -> Found {
    go->WaitForNotification();
    return std::vector<SocketAddress>{UnixAddress("/x")};
  });
  OnLoop([&] {
    // Under way, and waiting: neither is answered.
    std::vector<std::unique_ptr<Resolver::Query>> queries;
    for (int i = 0; i < Resolver::kMaxThreads + 1; ++i) {
      queries.push_back(resolver_->Resolve("name", 1, [&](auto) { ++done; }));
    }
  });
  go->Notify();
  std::unique_ptr<Resolver::Query> last;
  OnLoop([&] {
    last = resolver_->Resolve("name", 1, [&](auto) { done += 100; });
  });
  EXPECT_TRUE(WaitFor([&] { return done >= 100; }));
  EXPECT_EQ(done, 100);
  OnLoop([&] { last.reset(); });
}

TEST_F(ResolverTest, DoesNotWaitForALookUpAtItsEnd) {
  const auto go = std::make_shared<absl::Notification>();
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  const auto begun = std::make_shared<std::atomic<bool>>(false);
  Start([go, ended, begun](auto&, auto) -> Found {
    *begun = true;
    go->WaitForNotification();
    *ended = true;
    return absl::UnavailableError("late");
  });
  std::unique_ptr<Resolver::Query> query;
  OnLoop([&] {
    query = resolver_->Resolve("name", 1, [](auto) { ADD_FAILURE(); });
  });
  EXPECT_TRUE(WaitFor([&] { return begun->load(); }));
  OnLoop([&] { resolver_.reset(); });
  EXPECT_FALSE(*ended);
  OnLoop([&] { query.reset(); });  // outlives the resolver
  go->Notify();
  EXPECT_TRUE(WaitFor([&] { return ended->load(); }));
}

TEST(UnixAddressTest, KeepsTooLongPathsWithinBounds) {
  const SocketAddress address = UnixAddress(std::string(500, 'x'));
  const auto& un = reinterpret_cast<const sockaddr_un&>(address.storage);
  EXPECT_EQ(un.sun_path[sizeof(un.sun_path) - 1], '\0');
}

}  // namespace
}  // namespace outrigger
