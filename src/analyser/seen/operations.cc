#include "analyser/seen/operations.h"

#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyser/seen/points.h"
#include "telemetry/metrics.h"

namespace outrigger::analyser {
namespace {

using telemetry::AttributeOf;
using telemetry::HistogramData;
using telemetry::Point;
using telemetry::Snapshot;

// Streams of the standard services, which last as long as the client likes.
bool LastsAsLongAsTheClientLikes(absl::string_view method) {
  return absl::EndsWith(method, "/Watch") ||
         absl::StrContains(method, "ServerReflection");
}

// Set only where it is the server's fault.
bool Failed(const Point& point) {
  return !AttributeOf(point, "error.type").empty();
}

const HistogramData* HistogramOf(const Point& point) {
  return std::get_if<HistogramData>(&point.value);
}

}  // namespace

void Operation::Learn(std::optional<double> mean_s, const Step& step) {
  minute_.Add(step.wall, mean_s, [this](WallTime, double mean) {
    means_.Push(static_cast<float>(mean));
    if (means_.size() < kLeastMinutes) return;
    std::vector<float> means;
    for (size_t i = 0; i < means_.size(); ++i) means.push_back(means_[i]);
    usual_mean_s_ = Median(std::move(means));
  });
}

void Operations::Note(absl::string_view name, const HistogramData& data,
                      bool failed) {
  auto found = sources_.find(name);
  if (found == sources_.end()) {
    if (sources_.size() >= kMost) {
      ++turned_away_;
      return;
    }
    found = sources_.try_emplace(std::string(name)).first;
  }
  AddTo(found->second.now.latencies, data);
  if (failed) found->second.now.errors += data.count;
}

void Operations::End(const Step& step) {
  now_ = OperationSums();
  left_out_ = turned_away_;
  turned_away_ = 0;
  for (auto& [name, source] : sources_) {
    OperationSums sums;
    if (!step.first) {
      sums.latencies = Between(source.before.latencies, source.now.latencies);
      sums.errors =
          static_cast<uint32_t>(source.now.errors - source.before.errors);
    }
    if (Operation* operation = each_.Get(name)) operation->Note(sums, step);
    now_ += sums;
    source.before = source.now;
    source.now = Cumulative();
  }
  window_.Add(step.slot, now_);
}

void NoteCalls(const Snapshot& snapshot, Operations& methods) {
  std::set<absl::string_view> streams;
  for (const Point& point :
       PointsOf(snapshot, telemetry::kRpcMessageDuration.name)) {
    const absl::string_view method = AttributeOf(point, "rpc.method");
    const HistogramData* data = HistogramOf(point);
    if (data == nullptr || method.empty()) continue;
    streams.insert(method);
    methods.Note(method, *data, Failed(point));
  }
  for (const Point& point : PointsOf(snapshot, telemetry::kRpcDuration.name)) {
    const absl::string_view method = AttributeOf(point, "rpc.method");
    const HistogramData* data = HistogramOf(point);
    if (data == nullptr || method.empty() || streams.count(method) != 0 ||
        LastsAsLongAsTheClientLikes(method)) {
      continue;
    }
    methods.Note(method, *data, Failed(point));
  }
}

void NoteRedis(const Snapshot& snapshot, Operations& commands) {
  for (const Point& point :
       PointsOf(snapshot, telemetry::kRedisDuration.name)) {
    const HistogramData* data = HistogramOf(point);
    const absl::string_view command = AttributeOf(point, "db.operation.name");
    if (data == nullptr || command.empty()) continue;
    const absl::string_view script =
        AttributeOf(point, "db.stored_procedure.name");
    const std::string name = script.empty()
                                 ? std::string(command)
                                 : absl::StrCat(command, " ", script);
    commands.Note(name, *data, Failed(point));
  }
}

}  // namespace outrigger::analyser
