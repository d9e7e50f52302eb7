-- Stores a record.
-- ARGV condition (0 always, 1 version, 2 absent, 3 token), version, nonce (hex),
--      fresh for (ms), kept for (ms), the record before and behind our fields
-- Answers whether it was stored, and the version that is stored now.
local condition, wanted = ARGV[1], tonumber(ARGV[2])
local stored, fresh_until, absent = parse(header())
local leased, nonce = lease()
local load_ms = 0
local meant = condition == '0' or
  condition == '1' and stored ~= 0 and stored == wanted or
  condition == '2' and (fresh_until <= now_ms or absent)
if condition == '3' and nonce ~= '0' and nonce == ARGV[3] and
   leased == wanted then
  meant = true
  load_ms = math.min(math.max(math.floor((now - leased) / 1000), 0), 2 ^ 32 - 1)
end
if not meant then return {0, stored} end
local version = next_version(stored, leased)
redis.call('SET', RECORD,
           ARGV[6] ..
             struct.pack('<I8I8I4', version, now_ms + ARGV[4], load_ms) ..
             ARGV[7],
           'PX', ARGV[5])
-- The new version is no less than any before, so the lease's may be forgotten.
if leased ~= 0 then redis.call('DEL', LEASE) end
return {1, version}
