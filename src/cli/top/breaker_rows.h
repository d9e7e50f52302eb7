// The breakers' part of `top`.
#ifndef OUTRIGGER_CLI_TOP_BREAKER_ROWS_H_
#define OUTRIGGER_CLI_TOP_BREAKER_ROWS_H_

#include <string>
#include <vector>

#include "outrigger/breaker/v1/breaker.pb.h"

namespace outrigger::cli {

struct BreakerRow {
  std::string text;
  bool denies = false;  // for colours
};

// A heading and a line for each breaker that was ever asked, or that is not
// closed; nothing if there is none. Rates are of the difference between the two
// looks, `seconds` apart.
std::vector<BreakerRow> BreakerRows(const breaker::v1::ListResponse& before,
                                    const breaker::v1::ListResponse& now,
                                    double seconds);

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_TOP_BREAKER_ROWS_H_
