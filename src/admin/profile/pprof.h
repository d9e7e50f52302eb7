// A profile in pprof's form.
#ifndef OUTRIGGER_ADMIN_PROFILE_PPROF_H_
#define OUTRIGGER_ADMIN_PROFILE_PPROF_H_

#include <string>
#include <vector>

#include "admin/profile/sampler.h"
#include "admin/profile/symbols.h"
#include "base/clock.h"

namespace outrigger::admin {

struct CpuProfile {
  std::vector<Stack> stacks;
  uint64_t dropped = 0;
  WallTime start{};
  Duration duration{};
};

// perftools.profiles.Profile (google/pprof, proto/profile.proto), not
// compressed, with functions' names in it, so that `go tool pprof` needs no
// binary. Equal stacks are one sample. Samples have two values: their number,
// and processor time.
std::string EncodeProfile(const CpuProfile& profile, Symbols& symbols);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_PROFILE_PPROF_H_
