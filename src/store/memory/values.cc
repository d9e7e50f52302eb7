#include "store/memory/values.h"

#include <algorithm>
#include <utility>

#include "cache/record.h"

namespace outrigger::store {
namespace {

// How long a version and a lapsed lease are remembered.
constexpr int64_t kRememberUs = 60'000'000;
// What a slot costs besides its key (twice) and record.
constexpr size_t kSlotBytes = 200;

// 0 and "not fresh" for what is not a record.
cache::RecordHeader HeaderOf(const std::string& record) {
  const auto header = cache::DecodeRecordHeader(record);
  return header.ok() ? *header : cache::RecordHeader{};
}

size_t CostOf(const CacheKey& key) {
  return kSlotBytes + key.ns.size() + key.key.size();
}

}  // namespace

MemoryValues::Slot& MemoryValues::Find(const CacheKey& key, int64_t now_us) {
  auto [it, made] = slots_.try_emplace(key);
  Slot& slot = it->second;
  if (made) {
    uses_.push_front(&it->first);
    slot.use = uses_.begin();
    slot.forget_us = now_us + kRememberUs;
    bytes_ += CostOf(key);
  } else {
    uses_.splice(uses_.begin(), uses_, slot.use);
  }
  if (!slot.record.empty() && slot.expires_us <= now_us) SetRecord(slot, "");
  return slot;
}

void MemoryValues::SetRecord(Slot& slot, std::string record) {
  bytes_ += record.size();
  bytes_ -= slot.record.size();
  slot.record = std::move(record);
}

uint64_t MemoryValues::NextVersion(Slot& slot, int64_t now_us) {
  const uint64_t stored = HeaderOf(slot.record).version;
  slot.last_version = std::max(
      {slot.last_version + 1, stored + 1, static_cast<uint64_t>(now_us)});
  return slot.last_version;
}

void MemoryValues::Revoke(Slot& slot, int64_t now_us) {
  slot.lease = {};
  slot.forget_us = std::max(slot.forget_us, now_us + kRememberUs);
}

std::string MemoryValues::Read(const CacheKey& key, int64_t now_us) {
  const auto it = slots_.find(key);
  if (it == slots_.end()) return "";
  return Find(key, now_us).record;
}

AcquireReply MemoryValues::Acquire(const AcquireRequest& request,
                                   int64_t now_us) {
  Slot& slot = Find(request.key, now_us);
  const cache::RecordHeader header = HeaderOf(slot.record);
  AcquireReply reply;
  reply.record = slot.record;
  if (header.version > request.above_version &&
      header.fresh_until_ms > now_us / 1000) {
    reply.kind = AcquireReply::Kind::kValue;
    return reply;
  }
  const bool held = slot.lease.nonce != 0 && slot.lease_until_us > now_us;
  if (held && slot.lease.nonce != request.nonce) {
    reply.kind = AcquireReply::Kind::kWait;
    reply.wait_us = slot.lease_until_us - now_us;
    return reply;
  }
  if (!held) {
    slot.lease = {NextVersion(slot, now_us), request.nonce};
    slot.lease_until_us = now_us + request.lease_us;
    slot.forget_us = slot.lease_until_us + kRememberUs;
  }
  reply.kind = AcquireReply::Kind::kLease;
  reply.token = slot.lease;
  Shrink(now_us);
  return reply;
}

WriteReply MemoryValues::Write(WriteRequest request, int64_t now_us) {
  Slot& slot = Find(request.key, now_us);
  const cache::RecordHeader header = HeaderOf(slot.record);
  const bool fresh = header.fresh_until_ms > now_us / 1000;
  uint32_t load_ms = 0;
  bool meant = true;
  switch (request.condition) {
    case WriteIf::kAlways:
      break;
    case WriteIf::kVersion:
      meant = header.version != 0 && header.version == request.version;
      break;
    case WriteIf::kAbsent:
      meant = !fresh || header.absent;
      break;
    case WriteIf::kToken:
      meant = slot.lease.nonce != 0 && slot.lease == request.token;
      if (meant && now_us > static_cast<int64_t>(request.token.version)) {
        load_ms = static_cast<uint32_t>(
            (now_us - static_cast<int64_t>(request.token.version)) / 1000);
      }
      break;
  }
  if (!meant) return {false, header.version};
  const uint64_t version = NextVersion(slot, now_us);
  cache::FillStoreFields(version, now_us / 1000 + request.fresh_for_ms, load_ms,
                         &request.record);
  SetRecord(slot, std::move(request.record));
  slot.expires_us = now_us + request.keep_for_ms * 1000;
  Revoke(slot, now_us);
  Shrink(now_us);
  return {true, version};
}

bool MemoryValues::Remove(const RemoveRequest& request, int64_t now_us) {
  Slot& slot = Find(request.key, now_us);
  const cache::RecordHeader header = HeaderOf(slot.record);
  if (request.if_version != 0 && header.version != request.if_version) {
    return false;
  }
  NextVersion(slot, now_us);
  Revoke(slot, now_us);
  if (!request.soft || header.version == 0) {
    SetRecord(slot, "");
  } else {
    cache::FillStoreFields(header.version,
                           std::min(header.fresh_until_ms, now_us / 1000),
                           header.load_ms, &slot.record);
  }
  Shrink(now_us);
  return header.version != 0 && !header.absent;
}

void MemoryValues::Abandon(const CacheKey& key, const CacheToken& token) {
  const auto it = slots_.find(key);
  if (it != slots_.end() && it->second.lease == token) it->second.lease = {};
}

void MemoryValues::Clear() {
  slots_.clear();
  uses_.clear();
  bytes_ = 0;
}

void MemoryValues::Erase(Slots::iterator slot) {
  bytes_ -= CostOf(slot->first) + slot->second.record.size();
  uses_.erase(slot->second.use);
  slots_.erase(slot);
}

void MemoryValues::Shrink(int64_t now_us) {
  while (!uses_.empty()) {
    const auto last = slots_.find(*uses_.back());
    const Slot& slot = last->second;
    const bool over = slot.forget_us <= now_us &&
                      (slot.record.empty() || slot.expires_us <= now_us);
    if (!over && bytes_ <= max_bytes_) return;
    Erase(last);
  }
}

}  // namespace outrigger::store
