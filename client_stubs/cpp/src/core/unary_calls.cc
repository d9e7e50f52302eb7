#include "core/unary_calls.h"

#include <chrono>

namespace outrigger::client::internal {

void Prepare(grpc::ClientContext& context, absl::Duration timeout,
             const Metadata& metadata) {
  if (timeout < absl::Hours(24 * 365)) {
    context.set_deadline(std::chrono::system_clock::now() +
                         absl::ToChronoMicroseconds(timeout));
  }
  for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
}

void UnaryCalls::Add(grpc::ClientContext* context) {
  absl::MutexLock lock(&mutex_);
  under_way_.insert(context);
  if (cancelled_) context->TryCancel();
}

void UnaryCalls::Remove(grpc::ClientContext* context) {
  absl::MutexLock lock(&mutex_);
  under_way_.erase(context);
}

void UnaryCalls::CancelAll() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  for (grpc::ClientContext* context : under_way_) context->TryCancel();
}

}  // namespace outrigger::client::internal
