// The load that an endpoint last reported.
#ifndef OUTRIGGER_POOL_HEALTH_LOAD_STATE_H_
#define OUTRIGGER_POOL_HEALTH_LOAD_STATE_H_

#include <string>

#include "base/clock.h"
#include "pool/endpoints.h"
#include "pool/options.h"

namespace outrigger::pool {

class LoadState {
 public:
  // Takes the place of the report before, also of what this one leaves out.
  void OnReport(const EndpointLoad& load, const ThresholdOptions& options,
                MonotonicTime now);

  // Past a threshold, by a report that still holds.
  bool over(const ThresholdOptions& options, MonotonicTime now) const;
  // Which one, for people; of the report that holds.
  std::string Reason(const ThresholdOptions& options) const;
  // Until when the report holds. min(): there was none.
  MonotonicTime until() const { return until_; }

 private:
  EndpointLoad load_;
  MonotonicTime until_ = MonotonicTime::min();
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_HEALTH_LOAD_STATE_H_
