-- Takes in what a holder did with its leases, and lends more.
-- ARGV after epoch and forgot_us: want, min, want_for_us, the bucket's eight
--      numbers, then for each account generation, spent, returned
-- Returns seven doubles: granted, generation, valid_for_us, available, reset_us,
-- retry_us, tokens per period.
local want, least = tonumber(ARGV[3]), tonumber(ARGV[4])
local want_for_us = tonumber(ARGV[5])
local b = open(1, 6)
local kind = b.kind
local changed = false
for j = 14, #ARGV, 3 do
  kind.account(b, tonumber(ARGV[j]), tonumber(ARGV[j + 1]),
               tonumber(ARGV[j + 2]))
  changed = true
end
local generation, valid_us = kind.generation(b)
if want > 0 and want_for_us > valid_us then
  -- A lease that holds for less is smaller in proportion.
  want = max(least, ceil(want * valid_us / want_for_us))
end
local granted = 0
local available = kind.available(b)
if want > 0 and available >= least then
  -- Half, so that leases shrink as the bucket runs dry; but small remainders
  -- whole. As limit::GrantOf.
  local most = max(least, floor(available / 2), floor(b.rate * 25000))
  granted = min(want, most, available)
end
if granted > 0 then
  kind.lend(b, granted)
  changed = true
end
if changed then kind.save(b) end
local left, reset_us = kind.remaining(b), kind.reset_us(b)
local retry_us = 0
if granted == 0 and want > 0 then
  local ok, wait = kind.take(b, least, 0)
  if not ok then retry_us = wait end
end
return struct.pack('<ddddddd', granted, generation, valid_us, left, reset_us,
                   retry_us, b.rate * b.period)
