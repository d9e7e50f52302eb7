// The script call of an exchange, as it goes over the wire, and what it
// answers.
#ifndef OUTRIGGER_REDIS_POOL_EXCHANGE_CALL_H_
#define OUTRIGGER_REDIS_POOL_EXCHANGE_CALL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "redis/epochs/epochs.h"
#include "redis/pool/layout.h"
#include "redis/wire/command.h"
#include "redis/wire/reply.h"
#include "store/pool_store.h"

namespace outrigger::redis {

// Its file says what its keys, arguments and answer are. Lives as long as the
// process.
const Script& PoolExchangeScript();

// Where and under which epoch the call runs.
struct ExchangeContext {
  const std::string& prefix;
  const PoolLayout& layout;
  int slot;  // kAnySlot without a cluster
  const Epoch& epoch;
  // Names the ledger that the pod knows of this epoch; empty: none.
  absl::string_view birth;
};

// EVALSHA of the script.
std::string ExchangeCall(const store::PoolRequest& request,
                         const ExchangeContext& context);

struct ExchangeAnswer {
  store::PoolReply reply;
  std::string birth;  // of the ledger
};

// kAborted: a later request came before. kInternal for anything that the script
// cannot have said.
absl::StatusOr<ExchangeAnswer> ParseExchange(const Reply& reply);

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_POOL_EXCHANGE_CALL_H_
