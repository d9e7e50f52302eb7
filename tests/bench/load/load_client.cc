#include "bench/load/load_client.h"

#include <sys/prctl.h>

#include <cstdio>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outrigger::bench {
namespace {

namespace pb = ratelimit::v1;

// Calls under way in an open loop; more are counted as unsent.
constexpr size_t kMaxUnderWay = 50'000;

void Tally(const pb::AllowResponse& answer, CallRecord* record) {
  ++(answer.allowed() ? record->allowed : record->denied);
  if (answer.degraded()) ++record->degraded;
}

}  // namespace

struct LoadClient::Call {
  template <typename Message>
  using Reader = std::unique_ptr<grpc::ClientAsyncResponseReader<Message>>;

  std::optional<grpc::ClientContext> context;
  pb::AllowRequest one;
  pb::AllowManyRequest many;
  Reader<pb::AllowResponse> one_reader;
  Reader<pb::AllowManyResponse> many_reader;
  pb::AllowResponse one_answer;
  pb::AllowManyResponse many_answer;
  grpc::Status status;
  int target = 0;
  int64_t intended = 0;
  int64_t sent = 0;
};

LoadClient::LoadClient(const Options& options, Traffic traffic,
                       const Recording::Options& recording)
    : options_(options), traffic_(std::move(traffic)), recording_(recording) {}

LoadClient::~LoadClient() = default;

bool LoadClient::Connect() {
  for (const std::string& target : options_.targets) {
    grpc::ChannelArguments arguments;
    arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost");
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto channel = grpc::CreateCustomChannel(
        target, grpc::InsecureChannelCredentials(), arguments);
    gpr_timespec deadline = gpr_time_add(
        gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(10, GPR_TIMESPAN));
    if (!channel->WaitForConnected(deadline)) {
      std::fprintf(stderr, "%s: no connection\n", target.c_str());
      return false;
    }
    stubs_.push_back(pb::RateLimiter::NewStub(channel));
  }
  return true;
}

bool LoadClient::Run(std::string* json) {
  if (!Connect()) return false;
  meter_.emplace(options_.meter);
  if (options_.calls_per_second > 0) {
    std::thread receiver([this] { Receive(); });
    SendOnSchedule();
    while (under_way_.load() > 0) WaitUntil(Now() + kSecond / 1000);
    queue_.Shutdown();
    receiver.join();
  } else {
    for (int i = 0; i < options_.in_flight; ++i) Start(Borrow(), Now());
    Receive();
  }
  *json = ToJson();
  return true;
}

void LoadClient::SendOnSchedule() {
  // Without this the kernel may let a sleeper oversleep by 50 us.
  prctl(PR_SET_TIMERSLACK, 1);
  const double gap = kSecond / options_.calls_per_second;
  const int64_t start = Now();
  for (uint64_t n = 0;; ++n) {
    const int64_t due = start + static_cast<int64_t>(n * gap);
    if (Over(due)) break;
    if (due > Now()) WaitUntil(due);
    WatchProgress(due);
    if (Call* call = Borrow(); call != nullptr) {
      Start(call, due);
    } else {
      unsent_.fetch_add(1);
    }
  }
  WatchProgress(meter_->until());
}

void LoadClient::Receive() {
  const bool closed_loop = options_.calls_per_second == 0;
  void* tag = nullptr;
  bool ok = false;
  while ((!closed_loop || under_way_.load() > 0) && queue_.Next(&tag, &ok)) {
    Call* call = static_cast<Call*>(tag);
    Finish(call);
    const int64_t now = Now();
    if (closed_loop) WatchProgress(now);
    if (closed_loop && !Over(now)) {
      Start(call, now);
    } else {
      Return(call);
    }
  }
}

bool LoadClient::Over(int64_t now) const {
  return now >= meter_->until() || enough_.load();
}

void LoadClient::WatchProgress(int64_t now) {
  meter_->Watch(now, ended_.load(), Over(now));
}

void LoadClient::Start(Call* call, int64_t intended) {
  under_way_.fetch_add(1);
  call->context.emplace();
  call->target = traffic_.NextTarget();
  call->intended = intended;
  auto& stub = *stubs_[call->target];
  if (options_.batch == 1) {
    traffic_.Fill(&call->one);
    call->sent = Now();
    call->one_reader = stub.AsyncAllow(&*call->context, call->one, &queue_);
    call->one_reader->Finish(&call->one_answer, &call->status, call);
    return;
  }
  while (call->many.requests_size() < options_.batch) call->many.add_requests();
  for (auto& question : *call->many.mutable_requests())
    traffic_.Fill(&question);
  call->sent = Now();
  call->many_reader = stub.AsyncAllowMany(&*call->context, call->many, &queue_);
  call->many_reader->Finish(&call->many_answer, &call->status, call);
}

CallRecord LoadClient::Describe(const Call& call, int64_t now) const {
  CallRecord record{.intended = call.intended - meter_->from(),
                    .sent = call.sent - meter_->from(),
                    .received = now - meter_->from(),
                    .target = call.target,
                    .failed = !call.status.ok()};
  if (record.failed) return record;
  if (options_.batch == 1) {
    Tally(call.one_answer, &record);
    record.response_bytes = call.one_answer.ByteSizeLong();
  } else {
    for (const auto& answer : call.many_answer.responses())
      Tally(answer, &record);
    record.response_bytes = call.many_answer.ByteSizeLong();
  }
  return record;
}

void LoadClient::Finish(Call* call) {
  const int64_t now = Now();
  ended_.fetch_add(1);
  if (call->intended >= meter_->from()) {
    recording_.Add(Describe(*call, now));
    if (!call->status.ok())
      recording_.AddError(absl::StrCat(call->status.error_code(), " ",
                                       call->status.error_message()));
    if (++measured_calls_ == options_.max_calls) enough_.store(true);
  }
  // They live in the context's memory, so they go first.
  call->one_reader.reset();
  call->many_reader.reset();
  call->context.reset();
  under_way_.fetch_sub(1);
}

LoadClient::Call* LoadClient::Borrow() {
  absl::MutexLock lock(&mutex_);
  if (free_.empty()) {
    if (calls_.size() >= kMaxUnderWay) return nullptr;
    return &calls_.emplace_back();
  }
  Call* call = free_.back();
  free_.pop_back();
  return call;
}

void LoadClient::Return(Call* call) {
  absl::MutexLock lock(&mutex_);
  free_.push_back(call);
}

std::string LoadClient::ToJson() const {
  if (!meter_->complete()) return "{\"calls\":0}";
  return absl::StrCat("{", recording_.ToJson(), ",", meter_->ToJson(),
                      ",\"batch\":", options_.batch,
                      ",\"unsent\":", unsent_.load(), "}");
}

}  // namespace outrigger::bench
