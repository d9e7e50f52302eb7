// What every request says of its sender: resource and scope.
#ifndef OUTRIGGER_OTLP_ENCODE_ORIGIN_H_
#define OUTRIGGER_OTLP_ENCODE_ORIGIN_H_

#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "opentelemetry/proto/common/v1/common.pb.h"
#include "opentelemetry/proto/resource/v1/resource.pb.h"

namespace outrigger::otlp {

struct Origin {
  opentelemetry::proto::resource::v1::Resource resource;
  opentelemetry::proto::common::v1::InstrumentationScope scope;
};

// `attributes`, and what only the process knows (see Options::resource).
Origin MakeOrigin(
    const std::vector<std::pair<std::string, std::string>>& attributes,
    RandomSource& random);

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_ENCODE_ORIGIN_H_
