// Gives a cache the values that a load will read.
#ifndef OUTRIGGER_BENCH_LOAD_FILL_CACHE_H_
#define OUTRIGGER_BENCH_LOAD_FILL_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace outrigger::bench {

// Sets the keys 0 to keys - 1 of Traffic::KeyName to values of `bytes` random
// bytes, and reads each once, so that it is in the pod. False, with the reason
// on standard error, if a call fails or a value is not stored.
bool FillCache(const std::string& target, const std::string& ns, uint64_t keys,
               size_t bytes);

}  // namespace outrigger::bench

#endif  // OUTRIGGER_BENCH_LOAD_FILL_CACHE_H_
