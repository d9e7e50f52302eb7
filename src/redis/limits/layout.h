// Version 1 of what is stored: the names of keys, and how a bucket's numbers
// are told to the scripts.
//
//     <prefix>:1:<letter>:<bucket key>   a bucket; the letter is its
//     algorithm's <prefix>:1:pods                    the pods alive, by time
//
// Beside them: redis/epochs/epochs.h.
//
// Every key has an expiry. Two releases that share the version may run side by
// side.
#ifndef OUTRIGGER_REDIS_LIMITS_LAYOUT_H_
#define OUTRIGGER_REDIS_LIMITS_LAYOUT_H_

#include <string>

#include "redis/wire/command.h"
#include "store/limit_store.h"

namespace outrigger::redis {

std::string BucketKey(const std::string& prefix,
                      const store::BucketRef& bucket);

std::string PodsKey(const std::string& prefix);

// Adds the numbers that lib.lua reads for a bucket.
void AddNumbers(const store::BucketRef& bucket, WireBuilder* wire);
inline constexpr int kNumbersPerBucket = 8;

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_LIMITS_LAYOUT_H_
