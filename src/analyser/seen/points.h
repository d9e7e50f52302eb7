// Reads single metrics from a snapshot.
#ifndef OUTRIGGER_ANALYSER_SEEN_POINTS_H_
#define OUTRIGGER_ANALYSER_SEEN_POINTS_H_

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "telemetry/snapshot.h"

namespace outrigger::analyser {

// The points of the metric of that name; none if it is not there.
const std::vector<telemetry::Point>& PointsOf(
    const telemetry::Snapshot& snapshot, absl::string_view name);

// The sum of its points; unset if it is not there.
std::optional<double> SumOf(const telemetry::Snapshot& snapshot,
                            absl::string_view name);

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_SEEN_POINTS_H_
