#include "rpc/standard/health_watch.h"

namespace outrigger::rpc {

void HealthWatchMethod::Start(ServingThread& thread) {
  (new HealthWatch(health_, service_, recorder_, thread))->Ask();
}

HealthWatch::HealthWatch(HealthService& health,
                         HealthService::AsyncService& service,
                         MethodRecorder& recorder, ServingThread& thread)
    : health_(health),
      service_(service),
      recorder_(recorder),
      thread_(thread),
      writer_(&context_) {
  context_.AsyncNotifyWhenDone(static_cast<Event*>(&done_));
}

void HealthWatch::Ask() {
  service_.RequestWatch(&context_, &request_, &writer_, thread_.queue(),
                        thread_.queue(), static_cast<Event*>(&accepted_));
}

void HealthWatch::OnAccepted(bool ok) {
  if (!ok) {  // the server stops
    delete this;
    return;
  }
  if (thread_.accepting()) {
    (new HealthWatch(health_, service_, recorder_, thread_))->Ask();
  }
  refs_ = 1;  // Done's
  thread_.CallBegun();
  recorder_.Begin(context_, record_);
  health_.Add(this);
  Advance();
}

void HealthWatch::Changed() {
  ++refs_;
  thread_.Post([this] {
    Advance();
    Unref();
  });
}

void HealthWatch::EndSoon() {
  ++refs_;
  thread_.Post([this] {
    ending_ = true;
    Advance();
    Unref();
  });
}

void HealthWatch::Advance() {
  if (writing_ || ended_) return;
  const Status status = health_.StatusOf(request_.service());
  if (sent_ != status) {
    sent_ = status;
    grpc::health::v1::HealthCheckResponse response;
    response.set_status(status);
    writing_ = true;
    ++refs_;
    writer_.Write(response, static_cast<Event*>(&written_));
  } else if (ending_) {
    ended_ = true;
    ++refs_;
    writer_.Finish(grpc::Status::OK, static_cast<Event*>(&finished_));
  }
}

void HealthWatch::OnWritten(bool ok) {
  writing_ = false;
  Advance();
  Unref();
}

void HealthWatch::OnDone(bool ok) {
  health_.Remove(this);
  recorder_.End(record_, ended_ ? absl::OkStatus() : absl::CancelledError());
  ending_ = true;
  Advance();
  Unref();
}

void HealthWatch::Unref() {
  if (refs_.fetch_sub(1) > 1) return;
  thread_.CallEnded();
  delete this;
}

}  // namespace outrigger::rpc
