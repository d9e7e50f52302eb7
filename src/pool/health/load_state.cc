#include "pool/health/load_state.h"

#include "absl/strings/str_cat.h"

namespace outrigger::pool {

void LoadState::OnReport(const EndpointLoad& load,
                         const ThresholdOptions& options, MonotonicTime now) {
  load_ = load;
  until_ = now + options.valid_for;
}

bool LoadState::over(const ThresholdOptions& options, MonotonicTime now) const {
  return now < until_ &&
         (load_.cpu > options.cpu || load_.memory > options.memory ||
          load_.requests_per_second > options.requests_per_second);
}

std::string LoadState::Reason(const ThresholdOptions& options) const {
  const auto said = [](absl::string_view what, double is, double most) {
    return absl::StrCat(what, " ", is, " is above ", most);
  };
  if (load_.cpu > options.cpu) return said("cpu", *load_.cpu, options.cpu);
  if (load_.memory > options.memory) {
    return said("memory", *load_.memory, options.memory);
  }
  if (load_.requests_per_second > options.requests_per_second) {
    return said("requests_per_second", *load_.requests_per_second,
                options.requests_per_second);
  }
  return "";
}

}  // namespace outrigger::pool
