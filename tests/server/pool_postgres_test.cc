// The cap, on the real thing: three sidecars that share a Redis, thirty
// clients, and a PostgreSQL which refuses the role one connection more than the
// cap. It never has to: not in peace, not when a sidecar is killed, and not
// when Redis is killed and has forgotten everything.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "outrigger/pool/v1/pool.grpc.pb.h"
#include "server/program.h"
#include "support/postgres_server.h"
#include "support/redis_server.h"
#include "support/wait_for.h"

namespace outrigger {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kPods = 3;
constexpr size_t kClientsOfEach = 10;
// Long before its lease ends a client begins to close.
constexpr milliseconds kBeforeTheEnd{1000};

struct Cap {
  int connections;
  int overflow;
  int rounds;  // slots for each client before the test goes on
  int total() const { return connections + overflow; }
};

void ReleaseLease(pool::v1::Pool::Stub& stub, uint64_t lease_id) {
  grpc::ClientContext context;
  pool::v1::ReleaseRequest request;
  pool::v1::ReleaseResponse answer;
  request.set_lease_id(lease_id);
  request.set_result(pool::v1::SUCCESS);
  stub.Release(&context, request, &answer);  // the sidecar may be gone
}

// A sidecar, whose clients can be told to keep what they have.
class Pod {
 public:
  Pod(const RedisServer& redis, const PostgresServer& database, Cap cap)
      : sidecar_(
            "store: {redis: {url: 'redis://" +
            redis::ToString(redis.address()) +
            "'}}\n"
            "pools:\n"
            "- name: db\n"
            "  max_connections: " +
            std::to_string(cap.connections) +
            "\n  max_overflow: " + std::to_string(cap.overflow) +
            "\n  lease: 3s\n"
            "  endpoints: [{address: '" +
            database.address() +
            "'}]\n"
            "  health: {check: postgres, user: admin, database: postgres}\n") {}

  // A connection of its own.
  std::unique_ptr<pool::v1::Pool::Stub> Connect() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return pool::v1::Pool::NewStub(grpc::CreateCustomChannel(
        sidecar_.target(), grpc::InsecureChannelCredentials(), arguments));
  }
  // Whether it refuses everybody, because it cannot reach Redis.
  bool WithoutStore() const {
    grpc::ClientContext context;
    pool::v1::AcquireRequest request;
    pool::v1::AcquireResponse answer;
    request.set_pool("db");
    request.mutable_max_wait();  // 0
    EXPECT_TRUE(Connect()->Acquire(&context, request, &answer).ok());
    if (answer.acquired()) ReleaseLease(*Connect(), answer.lease_id());
    return answer.reason() == pool::v1::STORE_UNAVAILABLE;
  }
  void KillNow() {
    sidecar_.process().Signal(SIGKILL);
    killed = true;
  }

  // Its clients keep their connections for as long as they may.
  std::atomic<bool> clinging{false};
  std::atomic<int> holders{0};  // clients that have a connection
  std::atomic<bool> killed{false};

 private:
  Sidecar sidecar_;
};

// Acquires, connects, asks, closes and releases, again and again.
class Client {
 public:
  Client(Pod& pod, const PostgresServer& database)
      : pod_(pod),
        database_(database),
        stub_(pod.Connect()),
        thread_([this] { Run(); }) {}
  ~Client() {
    stopping_ = true;
    thread_.join();
  }

  int served() const { return served_; }
  int failures() const { return failures_; }

 private:
  void Run() {
    while (!stopping_ && !pod_.killed) {
      if (!Once()) poll(nullptr, 0, 10);
    }
  }

  // False: there was no slot.
  bool Once() {
    const auto asked = steady_clock::now();
    grpc::ClientContext context;
    pool::v1::AcquireRequest request;
    pool::v1::AcquireResponse answer;
    request.set_pool("db");
    request.mutable_max_wait()->set_seconds(1);
    if (!stub_->Acquire(&context, request, &answer).ok()) return false;
    if (!answer.acquired()) return false;
    const milliseconds length(answer.expires_after().seconds() * 1000 +
                              answer.expires_after().nanos() / 1'000'000);
    Use(asked + length - kBeforeTheEnd);
    ReleaseLease(*stub_, answer.lease_id());
    return true;
  }

  void Use(steady_clock::time_point until) {
    PGconn* const connection =
        PQconnectdb(database_.ConnectionString("app").c_str());
    ++pod_.holders;
    PGresult* const result = PQexec(connection, "select pg_sleep(0.005)");
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
      ++served_;
    } else {
      ++failures_;
      ADD_FAILURE() << PQerrorMessage(connection);
    }
    PQclear(result);
    while (pod_.clinging && steady_clock::now() < until) poll(nullptr, 0, 5);
    Close(connection);
    --pod_.holders;
  }

  // Says goodbye, and waits until the server has hung up: until then it counts
  // the connection.
  static void Close(PGconn* connection) {
    const int fd = dup(PQsocket(connection));
    PQfinish(connection);
    fcntl(fd, F_SETFL, 0);  // libpq does not block
    std::array<char, 64> rest;
    while (fd >= 0 && recv(fd, rest.data(), rest.size(), 0) > 0) {
    }
    close(fd);
  }

  Pod& pod_;
  const PostgresServer& database_;
  const std::unique_ptr<pool::v1::Pool::Stub> stub_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> served_{0};
  std::atomic<int> failures_{0};
  std::thread thread_;
};

// Looks all the time how many connections the server has.
class Observer {
 public:
  explicit Observer(const PostgresServer& database)
      : client_(database.ConnectionString()), thread_([this] { Run(); }) {}
  ~Observer() {
    stopping_ = true;
    thread_.join();
  }

  int most() const { return most_; }

 private:
  void Run() {
    while (!stopping_) {
      const std::string count = client_.Ask(
          "select count(*) from pg_stat_activity where usename = 'app'");
      most_ = std::max(most_.load(), std::atoi(count.c_str()));
    }
  }

  PostgresClient client_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> most_{0};
  std::thread thread_;
};

class PoolPostgresTest : public testing::TestWithParam<Cap> {
 protected:
  PoolPostgresTest() {
    EXPECT_EQ(database_.Ask("create role app login connection limit " +
                            std::to_string(GetParam().total())),
              "");
    for (size_t i = 0; i < kPods; ++i) {
      pods_.push_back(std::make_unique<Pod>(redis_, database_, GetParam()));
    }
    observer_ = std::make_unique<Observer>(database_);
    for (size_t i = 0; i < kPods * kClientsOfEach; ++i) {
      clients_.push_back(
          std::make_unique<Client>(*pods_[i % kPods], database_));
    }
  }

  // Each client of the pods that live gets some more slots.
  void ExpectAllServed() {
    std::vector<int> before;
    for (const auto& client : clients_) before.push_back(client->served());
    for (size_t i = 0; i < clients_.size(); ++i) {
      if (pods_[i % kPods]->killed) continue;
      EXPECT_TRUE(WaitFor([&] {
        return clients_[i]->served() >= before[i] + GetParam().rounds;
      })) << "client "
          << i << " starves";
    }
  }

  RedisServer redis_;
  PostgresServer database_;
  std::vector<std::unique_ptr<Pod>> pods_;
  std::unique_ptr<Observer> observer_;
  std::vector<std::unique_ptr<Client>> clients_;  // first to go
};

TEST_P(PoolPostgresTest, TheServerNeverSeesMoreConnectionsThanTheCap) {
  ExpectAllServed();

  // Clients that keep what they have soon have the whole cap between them.
  for (const auto& pod : pods_) pod->clinging = true;
  EXPECT_TRUE(WaitFor([&] { return observer_->most() == GetParam().total(); }));
  for (const auto& pod : pods_) pod->clinging = false;

  // A sidecar dies while its clients hold connections, until their leases end.
  pods_[0]->clinging = true;
  EXPECT_TRUE(WaitFor([&] { return pods_[0]->holders > 0; }));
  pods_[0]->KillNow();
  ExpectAllServed();
  EXPECT_TRUE(WaitFor([&] { return pods_[0]->holders == 0; }));

  // Redis dies while clients hold connections, and comes back with no memory.
  pods_[1]->clinging = true;
  EXPECT_TRUE(WaitFor([&] { return pods_[1]->holders > 0; }));
  redis_.Restart();
  pods_[1]->clinging = false;
  ExpectAllServed();

  // And once more, without it until all leases have lapsed.
  redis_.Kill();
  EXPECT_TRUE(WaitFor(
      [&] { return pods_[1]->WithoutStore() && pods_[2]->WithoutStore(); }));
  redis_.Restart();
  ExpectAllServed();

  int failures = 0;
  for (const auto& client : clients_) failures += client->failures();
  EXPECT_EQ(failures, 0);
  EXPECT_LE(observer_->most(), GetParam().total());
  clients_.clear();
  EXPECT_THAT(database_.Log(), Not(HasSubstr("too many connections")));
}

INSTANTIATE_TEST_SUITE_P(
    , PoolPostgresTest,
    testing::Values(Cap{8, 2, 5},   // blocks, of which most is for three pods
                    Cap{3, 0, 2}),  // one by one, in the fleet's queue
    [](const auto& info) {
      return "CapOf" + std::to_string(info.param.total());
    });

}  // namespace
}  // namespace outrigger
