-- Takes from all buckets or from none: decides all first, then writes.
-- ARGV after epoch and forgot_us: max_wait_us, then for each bucket its eight
--      numbers, cost (0 peeks), shadow (1: its denial denies no other)
-- Returns for each bucket four doubles: allowed, remaining, reset_us, and the
-- microseconds to wait (allowed) or after which to come back (denied).
local max_wait = tonumber(ARGV[3])
local opened, buckets, verdicts = {}, {}, {}
local allowed = true
for i = 1, #KEYS - 1 do
  local j = 10 * i - 6
  local b = opened[KEYS[i]] or open(i, j)
  opened[KEYS[i]], buckets[i] = b, b
  local cost, shadow = tonumber(ARGV[j + 8]), ARGV[j + 9] == '1'
  local can_wait = (shadow or cost == 0) and 0 or max_wait
  local ok, wait = b.kind.take(b, cost, can_wait)
  if ok and cost > 0 then b.changed = true end
  if not ok and not shadow then allowed = false end
  verdicts[i] = {ok and 1 or 0, b.kind.remaining(b), b.kind.reset_us(b), wait}
end
for i, b in ipairs(buckets) do
  if not allowed and verdicts[i][1] == 1 then
    verdicts[i][2] = verdicts[i][2] + tonumber(ARGV[10 * i + 2])
  elseif allowed and b.changed then
    b.kind.save(b)
    b.changed = false
  end
end
local parts = {}
for i, v in ipairs(verdicts) do
  parts[i] = struct.pack('<dddd', v[1], v[2], v[3], v[4])
end
return table.concat(parts)
