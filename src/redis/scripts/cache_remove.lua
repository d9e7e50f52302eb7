-- Removes a record, or makes it stale.
-- ARGV soft (0, 1), the version that it must be of (0: any)
-- Answers whether there was a value.
local stored, fresh_until, absent = parse(header())
local wanted = tonumber(ARGV[2])
if wanted ~= 0 and stored ~= wanted then return 0 end
revoke(stored, (lease()))
if stored == 0 or ARGV[1] == '0' then
  if redis.call('DEL', RECORD) == 0 then tell() end
else
  redis.call('SETRANGE', RECORD, 12,
             struct.pack('<I8', math.min(fresh_until, now_ms)))
end
return (stored ~= 0 and not absent) and 1 or 0
