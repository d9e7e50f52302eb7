-- Agrees on the epoch: since when the store remembers everything.
-- KEYS epoch
-- ARGV the epoch that we know ('': none yet), the server's id, a new random
--      nonce, forget (1: the server lost memory), expiry in ms
-- An epoch is "forgot_us:server id:nonce"; forgot_us 0: never forgot.
local known, id = ARGV[1], ARGV[2]
local current = redis.call('GET', KEYS[1])
local t = redis.call('TIME')
local forgot = string.format('%.0f', t[1] * 1000000 + t[2])
local fresh
if not current then
  -- It was there once: then it was flushed or evicted, and so was more.
  fresh = known == '' and '0' or forgot
else
  local since, server = string.match(current, '^(%d+):([^:]*):')
  if since == nil or server ~= id or
     (ARGV[4] == '1' and current == known) or
     -- Somebody new has made it again after a loss that he could not see.
     (known ~= '' and known ~= current and since == '0') then
    fresh = forgot
  end
end
if fresh then current = fresh .. ':' .. id .. ':' .. ARGV[3] end
redis.call('SET', KEYS[1], current, 'PX', ARGV[5])
return current
