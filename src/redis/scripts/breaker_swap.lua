-- Replaces a breaker's record if it is of the revision expected.
-- KEYS record
-- ARGV revision expected (0: there is none), revision that the new one must be
--      above, milliseconds to keep it (0: for ever), bytes
-- A record is the text "revision bytes".
-- Returns swapped, then the new revision or the record there, now in
-- microseconds.
local expected, above, keep_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local stored = redis.pcall('GET', KEYS[1])
if type(stored) ~= 'string' then stored = '' end
-- Somebody else's text counts as none.
local revision = tonumber(string.match(stored, '^(%d+) ')) or 0
if revision ~= expected then
  return {0, revision == 0 and '' or stored, now}
end
local new = math.max(expected + 1, above + 1, now)
local record = string.format('%.0f ', new) .. ARGV[4]
if keep_ms == '0' then
  redis.call('SET', KEYS[1], record)
else
  redis.call('SET', KEYS[1], record, 'PX', keep_ms)
end
return {1, new, now}
