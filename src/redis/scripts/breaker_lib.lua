-- What the scripts for breakers' evidence share; the text before each of them.
-- KEYS record, snapshots, expiries
-- The snapshots are a hash: for each pod "p<pod>" → "calls failures slow bad",
-- "g" → the generation, of 20 digits, and "t" → their sum, "calls failures slow
-- reporters bad_reporters pods". The expiries are a sorted set of the pods'
-- fields by time, in microseconds.
-- The same state machine as store/memory/breaker_reports.h in C++;
-- tests/redis/breaker_differential_test.cc compares them.
local RECORD, SNAPSHOTS, EXPIRIES = KEYS[1], KEYS[2], KEYS[3]
-- Of those that have expired at most so many go in one call.
local MOST_GONE = 1000
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function numbers(text)
  local found = {}
  for word in string.gmatch(text or '', '%d+') do
    found[#found + 1] = tonumber(word)
  end
  return found
end

local generation, sum, changed

local function forget()
  redis.call('DEL', SNAPSHOTS, EXPIRIES)
  generation, sum, changed = nil, {0, 0, 0, 0, 0, 0}, false
end

-- Adds a pod's snapshot to the sum, or (sign -1) takes it off.
local function add(snapshot, sign)
  sum[1] = sum[1] + sign * snapshot[1]
  sum[2] = sum[2] + sign * snapshot[2]
  sum[3] = sum[3] + sign * snapshot[3]
  if snapshot[1] > 0 then sum[4] = sum[4] + sign end
  sum[5] = sum[5] + sign * snapshot[4]
  sum[6] = sum[6] + sign
  changed = true
end

local function load()
  local head = redis.pcall('HMGET', SNAPSHOTS, 'g', 't')
  local pods = redis.pcall('ZCARD', EXPIRIES)
  generation, sum = head[1], numbers(head[2])
  -- One of the two keys was evicted, or is somebody else's.
  if not generation or head.err or pods ~= sum[6] then forget() end
end

local function expire()
  if sum[6] == 0 then return end
  local gone = redis.call('ZRANGEBYSCORE', EXPIRIES, '-inf', now, 'LIMIT', 0,
                          MOST_GONE)
  if #gone == 0 then return end
  if #gone == sum[6] then return forget() end
  for _, text in ipairs(redis.call('HMGET', SNAPSHOTS, unpack(gone))) do
    add(numbers(text), -1)
  end
  redis.call('HDEL', SNAPSHOTS, unpack(gone))
  redis.call('ZREM', EXPIRIES, unpack(gone))
end

local function sum_text()
  return string.format('%.0f %.0f %.0f %.0f %.0f %.0f', unpack(sum))
end

local function save()
  if not changed then return end
  redis.call('HSET', SNAPSHOTS, 'g', generation, 't', sum_text())
end

local function answer()
  local record = redis.pcall('GET', RECORD)
  if type(record) ~= 'string' then record = '' end
  return {record, generation or '', sum_text(), now}
end
