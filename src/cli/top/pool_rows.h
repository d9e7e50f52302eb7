// The pools' part of `top`.
#ifndef OUTRIGGER_CLI_TOP_POOL_ROWS_H_
#define OUTRIGGER_CLI_TOP_POOL_ROWS_H_

#include <string>
#include <vector>

#include "outrigger/pool/v1/pool.pb.h"

namespace outrigger::cli {

struct PoolRow {
  std::string text;
  bool short_of_slots = false;  // for colours
};

// A heading and a line for each pool; nothing if there is none. Rates are of
// the difference between the two looks, `seconds` apart.
std::vector<PoolRow> PoolRows(const pool::v1::StatusResponse& before,
                              const pool::v1::StatusResponse& now,
                              double seconds);

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_TOP_POOL_ROWS_H_
