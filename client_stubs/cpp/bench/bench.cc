// Measures the stub beside the bare generated client; one JSON object a line.
// See tests/conformance/README.md.
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "outrigger/client.h"
#include "outrigger/ratelimit/v1/rate_limiter.grpc.pb.h"

namespace {

namespace oc = outrigger::client;
namespace v1 = outrigger::ratelimit::v1;
using Clock = std::chrono::steady_clock;

double Microseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2,
                   values.end());
  return values[values.size() / 2];
}

// What who uses only the protos would write.
class BareClient {
 public:
  explicit BareClient(const std::string& target) {
    grpc::ChannelArguments arguments;
    arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost");
    stub_ = v1::RateLimiter::NewStub(grpc::CreateCustomChannel(
        target, grpc::InsecureChannelCredentials(), arguments));
  }

  bool Allow() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::milliseconds(50));
    v1::AllowRequest request;
    request.mutable_attributes()->insert({"bench", "1"});
    v1::AllowResponse response;
    return stub_->Allow(&context, request, &response).ok() &&
           response.allowed();
  }

 private:
  std::unique_ptr<v1::RateLimiter::Stub> stub_;
};

void AllowOne(oc::Limiter limiter, BareClient& bare) {
  constexpr int kTurns = 40;
  constexpr int kCalls = 100;
  std::vector<double> stub_us;
  std::vector<double> bare_us;
  for (int turn = 0; turn < kTurns; ++turn) {
    for (int i = 0; i < kCalls; ++i) {
      const auto began = Clock::now();
      (void)limiter.Allow({{"bench", "1"}});
      stub_us.push_back(Microseconds(Clock::now() - began));
    }
    for (int i = 0; i < kCalls; ++i) {
      const auto began = Clock::now();
      bare.Allow();
      bare_us.push_back(Microseconds(Clock::now() - began));
    }
  }
  const double stub = Median(stub_us);
  const double unary = Median(bare_us);
  std::cout << R"({"name": "allow_one", "stub_us": )" << stub
            << R"(, "bare_us": )" << unary << R"(, "ratio": )" << stub / unary
            << "}" << std::endl;
}

// Calls a second of 64 threads.
template <class Call>
double PerSecond(Call call) {
  constexpr int kCallers = 64;
  constexpr auto kFor = std::chrono::milliseconds(1500);
  std::atomic<std::uint64_t> calls{0};
  std::vector<std::thread> threads;
  const auto began = Clock::now();
  for (int i = 0; i < kCallers; ++i) {
    threads.emplace_back([&] {
      std::uint64_t done = 0;
      while (Clock::now() - began < kFor) done += call() ? 1 : 0;
      calls += done;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return static_cast<double>(calls) * 1e6 / Microseconds(Clock::now() - began);
}

void Allow64(oc::Limiter limiter, BareClient& bare) {
  std::vector<double> stub;
  std::vector<double> unary;
  for (int turn = 0; turn < 3; ++turn) {
    stub.push_back(PerSecond([&] {
      const auto decision = limiter.Allow({{"bench", "1"}});
      return decision.ok() && decision->source == oc::Source::kSidecar;
    }));
    unary.push_back(PerSecond([&] { return bare.Allow(); }));
  }
  std::cout << R"({"name": "allow_64", "stub_per_s": )" << Median(stub)
            << R"(, "bare_per_s": )" << Median(unary) << R"(, "ratio": )"
            << Median(stub) / Median(unary) << "}" << std::endl;
}

void BreakerClosed(oc::Breaker breaker) {
  constexpr int kDecisions = 200000;
  // Until it was told; then decisions are made here.
  while (!breaker.view().known) breaker.Acquire()->Report(oc::Result::kIgnored);
  std::vector<double> ns;
  std::vector<absl::StatusOr<oc::Permit>> permits;
  permits.reserve(kDecisions);
  for (int turn = 0; turn < 5; ++turn) {
    const auto began = Clock::now();
    for (int i = 0; i < kDecisions; ++i) permits.push_back(breaker.Acquire());
    ns.push_back(1000 * Microseconds(Clock::now() - began) / kDecisions);
    permits.clear();
  }
  std::cout << R"({"name": "breaker_closed", "ns": )" << Median(ns) << "}"
            << std::endl;
}

void Hang(oc::Limiter limiter, absl::Duration deadline) {
  const char* sidecar = std::getenv("OUTRIGGER_SIDECAR_PID");
  if (sidecar == nullptr) return;
  constexpr int kCallers = 8;
  const pid_t pid = std::atoi(sidecar);
  std::atomic<double> longest{0};
  std::vector<std::thread> threads;
  const auto until = Clock::now() + std::chrono::milliseconds(1500);
  for (int i = 0; i < kCallers; ++i) {
    threads.emplace_back([&] {
      while (Clock::now() < until) {
        const auto began = Clock::now();
        (void)limiter.Allow({{"bench", "1"}});
        const double took = Microseconds(Clock::now() - began) / 1000;
        for (double known = longest;
             took > known && !longest.compare_exchange_weak(known, took);) {
        }
      }
    });
  }
  std::this_thread::sleep_until(until - std::chrono::milliseconds(1200));
  kill(pid, SIGSTOP);
  for (std::thread& thread : threads) thread.join();
  kill(pid, SIGCONT);
  std::cout << R"({"name": "hang", "deadline_ms": )"
            << absl::ToDoubleMilliseconds(deadline) << R"(, "longest_ms": )"
            << longest << "}" << std::endl;
}

}  // namespace

int main() {
  const char* target = std::getenv("OUTRIGGER_TARGET");
  if (target == nullptr) {
    std::cerr << "run it beside tests/conformance/with_sidecar.py\n";
    return 1;
  }
  oc::Options options;
  absl::StatusOr<oc::Client> client = oc::Client::Connect(options);
  if (!client.ok()) {
    std::cerr << client.status() << "\n";
    return 1;
  }
  BareClient bare(target);
  // Connected, both, before anything is measured.
  while (client->limiter().Allow({{"bench", "1"}})->source !=
         oc::Source::kSidecar) {
  }
  while (!bare.Allow()) {
  }
  AllowOne(client->limiter(), bare);
  Allow64(client->limiter(), bare);
  BreakerClosed(client->breaker("bench"));
  Hang(client->limiter(), options.timeout);
  return 0;
}
