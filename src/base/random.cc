#include "base/random.h"

namespace outrigger {
namespace {

uint64_t SeedFromKernel() {
  std::random_device device;
  return (static_cast<uint64_t>(device()) << 32) | device();
}

}  // namespace

PseudoRandomSource::PseudoRandomSource() : engine_(SeedFromKernel()) {}

uint64_t PseudoRandomSource::Next() {
  std::lock_guard<std::mutex> lock(mutex_);
  return engine_();
}

}  // namespace outrigger
