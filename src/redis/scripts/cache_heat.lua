-- Adds reads of a namespace's keys to those that the fleet has counted.
-- KEYS hot keys
-- ARGV most keys, expiry (ms), half-life (s), then for each key: reads, name
-- Counts fade; the element without a name tells since when (s).
local hot = KEYS[1]
local most, expiry, half_life = unpack(ARGV, 1, 3)
local now = tonumber(redis.call('TIME')[1])
local faded = tonumber(redis.call('ZSCORE', hot, '') or now)
if now - faded >= half_life / 6 or now < faded then
  redis.call('ZREM', hot, '')
  local left = 0.5 ^ (math.max(now - faded, 0) / half_life)
  redis.call('ZUNIONSTORE', hot, 1, hot, 'WEIGHTS', string.format('%.17g', left))
  redis.call('ZREMRANGEBYSCORE', hot, '-inf', 0.1)
  faded = now
end
for i = 4, #ARGV, 2 do redis.call('ZINCRBY', hot, ARGV[i], ARGV[i + 1]) end
redis.call('ZREM', hot, '')
redis.call('ZREMRANGEBYRANK', hot, 0, -1 - most)
redis.call('ZADD', hot, faded, '')
redis.call('PEXPIRE', hot, expiry)
return 1
