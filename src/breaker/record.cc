#include "breaker/record.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace outrigger::breaker {
namespace {

constexpr char kFormat = 1;

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("breaker record: ", what));
}

void PutVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) {
    out->push_back(static_cast<char>(value | 0x80));
  }
  out->push_back(static_cast<char>(value));
}

void PutFixed(uint64_t value, std::string* out) {
  for (int i = 0; i < 8; ++i) {
    out->push_back(static_cast<char>(value >> (8 * i)));
  }
}

// Takes fields off the front; once one was not there, all that follow are zero
// and ok() is false.
class Reader {
 public:
  explicit Reader(absl::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool done() const { return rest_.empty(); }

  uint8_t Byte() {
    if (rest_.empty()) ok_ = false;
    if (!ok_) return 0;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  uint64_t Fixed() {
    uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value |= uint64_t{Byte()} << (8 * i);
    return value;
  }
  // At most `most`.
  uint64_t Varint(uint64_t most) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint64_t byte = Byte();
      // What is cut off, or written longer than need be, Encode did not make.
      const uint64_t bits = byte & 0x7f;
      if ((bits << shift) >> shift != bits) ok_ = false;
      value |= bits << shift;
      if (byte < 0x80) {
        if (byte == 0 && shift > 0) ok_ = false;
        if (value > most) ok_ = false;
        return ok_ ? value : 0;
      }
    }
    ok_ = false;
    return 0;
  }
  int64_t Time() {
    return static_cast<int64_t>(
        Varint(static_cast<uint64_t>(std::numeric_limits<int64_t>::max() / 4)));
  }
  uint32_t Number() {
    return static_cast<uint32_t>(Varint(std::numeric_limits<uint32_t>::max()));
  }
  absl::string_view Bytes(size_t size) {
    if (rest_.size() < size) ok_ = false;
    if (!ok_) return {};
    const absl::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

 private:
  absl::string_view rest_;
  bool ok_ = true;
};

void ReadProbes(Reader& in, Record* record) {
  const uint64_t count = in.Varint(kMaxProbes);
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    Probe probe;
    probe.id = in.Fixed();
    probe.holder = in.Fixed();
    probe.deadline_us = in.Time();
    record->probes.push_back(probe);
  }
}

void ReadCause(Reader& in, Cause* cause) {
  constexpr uint64_t kAny = std::numeric_limits<uint64_t>::max();
  cause->bad = in.Varint(kAny);
  cause->of = in.Varint(kAny);
  cause->bad_pods = in.Number();
  cause->pods = in.Number();
}

}  // namespace

std::string Explain(const Cause& cause) {
  std::string text;
  switch (cause.reason) {
    case Reason::kNone:
      return "";
    case Reason::kConsecutiveFailures:
      text = absl::StrCat(cause.bad, " calls in a row failed");
      break;
    case Reason::kFailureRate:
      text = absl::StrCat(cause.bad, " of ", cause.of, " calls failed");
      break;
    case Reason::kSlowRate:
      text = absl::StrCat(cause.bad, " of ", cause.of, " calls were slow");
      break;
    case Reason::kProbeFailed:
      text = absl::StrCat(cause.bad, " of ", cause.of,
                          " probes failed or were slow");
      break;
  }
  if (cause.pods > 0) {
    absl::StrAppend(&text, ", say ", cause.bad_pods, " of ", cause.pods,
                    cause.pods == 1 ? " pod" : " pods");
  }
  return text;
}

std::string Encode(const Record& record) {
  std::string out = {'O', 'B', kFormat};
  out.reserve(128 + record.probes.size() * 25);
  out.push_back(static_cast<char>(record.state));
  out.push_back(static_cast<char>(record.forced));
  out.push_back(static_cast<char>(record.cause.reason));
  PutVarint(record.generation, &out);
  PutVarint(record.methods_reset, &out);
  PutVarint(static_cast<uint64_t>(record.opened_at_us), &out);
  PutVarint(static_cast<uint64_t>(record.until_us), &out);
  PutVarint(static_cast<uint64_t>(record.recovering_since_us), &out);
  PutVarint(record.attempts, &out);
  PutVarint(record.cause.bad, &out);
  PutVarint(record.cause.of, &out);
  PutVarint(record.cause.bad_pods, &out);
  PutVarint(record.cause.pods, &out);
  PutVarint(record.decided.calls, &out);
  PutVarint(record.decided.failures, &out);
  PutVarint(record.decided.slow, &out);
  out.push_back(static_cast<char>(record.opened_by.size()));
  out.append(record.opened_by);
  PutVarint(record.probes.size(), &out);
  for (const Probe& probe : record.probes) {
    PutFixed(probe.id, &out);
    PutFixed(probe.holder, &out);
    PutVarint(static_cast<uint64_t>(probe.deadline_us), &out);
  }
  return out;
}

absl::StatusOr<Record> Decode(absl::string_view bytes) {
  Reader in(bytes);
  if (in.Byte() != 'O' || in.Byte() != 'B') return Damaged("not one");
  if (in.Byte() != kFormat) return Damaged("of another format");
  const uint8_t state = in.Byte();
  const uint8_t forced = in.Byte();
  const uint8_t reason = in.Byte();
  if (state < 1 || state > 3 || forced > 3 || reason > 4) {
    return Damaged("a state that cannot be");
  }
  Record record;
  record.state = static_cast<State>(state);
  record.forced = static_cast<Forced>(forced);
  record.cause.reason = static_cast<Reason>(reason);
  record.generation = in.Varint(kMaxGeneration - 1);
  record.methods_reset = in.Varint(record.generation);
  record.opened_at_us = in.Time();
  record.until_us = in.Time();
  record.recovering_since_us = in.Time();
  record.attempts = in.Number();
  ReadCause(in, &record.cause);
  record.decided.calls = in.Varint(kMaxProbes);
  record.decided.failures = in.Varint(record.decided.calls);
  record.decided.slow = in.Varint(record.decided.calls);
  const size_t pod_bytes = in.Byte();
  if (pod_bytes > kMaxPodBytes) return Damaged("too long a name");
  record.opened_by = std::string(in.Bytes(pod_bytes));
  ReadProbes(in, &record);
  if (!in.ok()) return Damaged("cut off, or numbers that cannot be");
  if (!in.done()) return Damaged("longer than it can be");
  return record;
}

}  // namespace outrigger::breaker
