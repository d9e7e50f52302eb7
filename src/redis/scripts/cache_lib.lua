-- What the scripts for cache values share; the text before each of them.
-- KEYS record, lease
-- A record begins with 'O' 'C' 1 flags, uint64 version, uint64 fresh until (ms),
-- uint32 load ms (cache/record.h); anything else counts as none. A lease is the
-- text "version nonce until", in microseconds; nonce 0: the version only.
local RECORD, LEASE = KEYS[1], KEYS[2]
local HEADER_BYTES, ABSENT, REMEMBER_MS = 44, 2, 60000
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local now_ms = math.floor(now / 1000)

-- Numbers beyond 2^53 are not exact here: no clock gives such a version.
local function parse(record)
  if type(record) ~= 'string' or #record < HEADER_BYTES or
     string.sub(record, 1, 3) ~= 'OC\1' then
    return 0, 0, false
  end
  local flags, version, fresh_until = struct.unpack('<BI8I8', record, 4)
  if version >= 2 ^ 53 or fresh_until >= 2 ^ 53 then return 0, 0, false end
  return version, fresh_until, bit.band(flags, ABSENT) ~= 0
end

-- Somebody else's list under our name is as good as nothing.
local function get(command, ...)
  local found = redis.pcall(command, ...)
  if type(found) ~= 'string' then return '' end
  return found
end
local function header() return get('GETRANGE', RECORD, 0, HEADER_BYTES - 1) end

-- Its version (0: there is none), nonce and end.
local function lease()
  local version, nonce, till =
    string.match(get('GET', LEASE), '^(%d+) (%x+) (%d+)$')
  return tonumber(version) or 0, nonce or '0', tonumber(till) or 0
end

local function next_version(stored, leased)
  return math.max(stored + 1, leased + 1, now)
end

-- All tokens are worth nothing any more. The lease goes even if there is no
-- memory left, and what is written after it then goes, too. A version that is
-- ahead of the clock is remembered.
local function revoke(stored, leased)
  redis.call('DEL', LEASE)
  local last = math.max(stored, leased)
  if last >= now then
    redis.call('SET', LEASE, string.format('%.0f 0 0', last), 'PX',
               math.ceil((last - now) / 1000) + REMEMBER_MS)
  end
end

-- Has the key told of as changed. Tracking tells of no key that is removed
-- while it is not there. (What has no expiry is not ours, and goes.)
local function tell()
  if redis.call('EXISTS', RECORD) == 1 then
    redis.call('PEXPIRE', RECORD, math.max(redis.call('PTTL', RECORD), 1))
  else
    redis.call('SET', RECORD, '')
    redis.call('DEL', RECORD)
  end
end
