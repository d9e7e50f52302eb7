-- One step of an adaptive limit's rate; as limit::AdaptiveRate.
-- ARGV after epoch and forgot_us: up (1 or 0), increase (tokens per us),
--      factor of a step down, step_every_us, the bucket's eight numbers
-- Returns the rate in tokens per us, as a double.
local up = tonumber(ARGV[3])
local b = open(1, 7)
local turns_down = b.up == 1 and up == 0
if turns_down or now - b.stepped >= tonumber(ARGV[6]) then
  b.rate = up == 1 and b.rate + ARGV[4] or b.rate * ARGV[5]
  b.rate = min(max(b.rate, b.lowest), b.ceiling)
  b.stepped, b.up = now, up
  b.kind.save(b)
end
return struct.pack('<d', b.rate)
