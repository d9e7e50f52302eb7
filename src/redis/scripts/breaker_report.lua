-- Takes in what a pod has seen; answers as breaker_read.lua.
-- ARGV pod, generation (20 digits), "calls failures slow bad", milliseconds
--      that it holds
local pod, of = 'p' .. ARGV[1], ARGV[2]
local SPARE_MS = 60000
load()
expire()
if generation and of < generation then
  save()
  return answer()
end
if generation and of > generation then forget() end
generation = of
local last = redis.call('HGET', SNAPSHOTS, pod)
if last then add(numbers(last), -1) end
add(numbers(ARGV[3]), 1)
redis.call('HSET', SNAPSHOTS, pod, ARGV[3], 'g', generation, 't', sum_text())
redis.call('ZADD', EXPIRIES, string.format('%.0f', now + ARGV[4] * 1000), pod)
if redis.call('PTTL', EXPIRIES) < ARGV[4] + 1000 then
  redis.call('PEXPIRE', SNAPSHOTS, ARGV[4] + SPARE_MS)
  redis.call('PEXPIRE', EXPIRIES, ARGV[4] + SPARE_MS)
end
return answer()
