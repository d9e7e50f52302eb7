#include "redis/limits/replies.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "limit/token_bucket.h"

namespace outrigger::redis {
namespace {

absl::Status Unreadable() {
  return absl::InternalError("a script answered what it should not have");
}

// Reads what struct.pack('<ddd…') wrote. Unset: not `count` finite numbers.
std::optional<std::vector<double>> ReadDoubles(const Reply& reply,
                                               size_t count) {
  if (!reply.IsString() || reply.text.size() != count * sizeof(double)) {
    return std::nullopt;
  }
  std::vector<double> values(count);
  std::memcpy(values.data(), reply.text.data(), reply.text.size());
  const bool finite = std::all_of(values.begin(), values.end(),
                                  [](double v) { return std::isfinite(v); });
  if (!finite) return std::nullopt;
  return values;
}

int64_t Micros(double value) {
  if (value >= 9e18) return limit::kNever;
  return static_cast<int64_t>(std::max(0.0, std::ceil(value)));
}

}  // namespace

absl::StatusOr<store::TakeReply> ParseTakeOne(
    const Reply& reply, const store::TakeRequest& request) {
  // The layouts are told apart by their number of doubles.
  constexpr size_t kDenied = 1, kTaken = 2, kSoonAfterLoss = 3, kWithLeases = 5;
  const size_t count = reply.text.size() / sizeof(double);
  if (count != kDenied && count != kTaken && count != kSoonAfterLoss &&
      count != kWithLeases) {
    return Unreadable();
  }
  const auto values = ReadDoubles(reply, count);
  if (!values) return Unreadable();
  const bool idle = count == kSoonAfterLoss;
  const bool taken = idle ? (*values)[2] == 1 : count != kDenied;

  const store::TakeRequest::Item& item = request.items[0];
  // The same arithmetic as the script's gives the waits, which it leaves out.
  limit::TokenBucket bucket;
  bucket.tokens = (*values)[0] + (taken ? item.cost : 0);
  bucket.as_of_us = idle ? Micros((*values)[1]) : 0;  // counted from now
  limit::Verdict verdict = bucket.Take(item.cost, taken ? limit::kNever : 0,
                                       /*now_us=*/0, item.bucket.shape);
  if (item.cost > 0 && verdict.allowed != taken) {
    // Rounding at the very edge: the script's word counts.
    verdict.allowed = taken;
    verdict.retry_after_us = taken ? 0 : 1;
  }
  store::TakeReply result;
  result.allowed = verdict.allowed || item.shadow;
  result.verdicts.push_back(verdict);
  return result;
}

absl::StatusOr<store::TakeReply> ParseTake(const Reply& reply,
                                           const store::TakeRequest& request) {
  const size_t count = request.items.size();
  const auto values = ReadDoubles(reply, 4 * count);
  if (!values) return Unreadable();
  store::TakeReply result;
  result.allowed = true;
  for (size_t i = 0; i < count; ++i) {
    limit::Verdict verdict;
    verdict.allowed = (*values)[4 * i] == 1;
    verdict.remaining = std::max(0.0, (*values)[4 * i + 1]);
    verdict.reset_after_us = Micros((*values)[4 * i + 2]);
    (verdict.allowed ? verdict.wait_us : verdict.retry_after_us) =
        Micros((*values)[4 * i + 3]);
    if (!verdict.allowed && !request.items[i].shadow) result.allowed = false;
    result.verdicts.push_back(verdict);
  }
  return result;
}

absl::StatusOr<store::LeaseReply> ParseLease(const Reply& reply,
                                             uint16_t ordinal) {
  const auto values = ReadDoubles(reply, 7);
  if (!values) return Unreadable();
  const double generation = (*values)[1];
  if ((*values)[0] < 0 || generation < 0 ||
      generation > static_cast<double>(kGenerationMask)) {
    return Unreadable();
  }
  store::LeaseReply lease;
  lease.granted = (*values)[0];
  lease.generation =
      (uint64_t{ordinal} << kOrdinalShift) | static_cast<uint64_t>(generation);
  lease.valid_for_us = std::min(Micros((*values)[2]), store::kLeaseLengthUs);
  lease.available = std::max(0.0, (*values)[3]);
  lease.reset_after_us = Micros((*values)[4]);
  lease.retry_after_us = Micros((*values)[5]);
  lease.tokens_per_period = (*values)[6];
  return lease;
}

absl::StatusOr<double> ParseAdjust(const Reply& reply) {
  const auto values = ReadDoubles(reply, 1);
  if (!values || (*values)[0] <= 0) return Unreadable();
  return (*values)[0] * 1e6;
}

}  // namespace outrigger::redis
