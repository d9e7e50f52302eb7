-- Takes from one token bucket: the hot path of exact limits, so written out.
-- KEYS bucket, epoch
-- ARGV epoch, forgot_us, tokens per us, burst, cost (0 peeks), max_wait_us
-- Returns the bucket's new state (16 or 40 bytes: taken), or its tokens as one
-- double (8 bytes: denied, or a peek); soon after a loss, while nothing comes in:
-- tokens, microseconds until it does, and 1 if taken, as doubles (24 bytes). Or
-- {epoch} if ours is not the current one.
-- Each look-up of a global and each call counts here: hence the locals, and the
-- arithmetic in place of tonumber, math.floor and math.min.
local call, pack, args = redis.call, struct.pack, ARGV
local v = call('MGET', KEYS[1], KEYS[2])
if v[2] ~= args[1] then return {v[2]} end
local t = call('TIME')
local now = t[1] * 1000000 + t[2]
local forgot, rate, burst, cost = args[2] + 0, args[3] + 0, args[4] + 0, args[5] + 0
local tokens, asof, gen, cur, prev = burst, now, nil, 0, 0
local s = v[1]
if s then
  if #s == 16 then
    tokens, asof = struct.unpack('<dd', s)
  else
    tokens, asof, gen, cur, prev = struct.unpack('<ddddd', s)
  end
end
-- Nothing comes in for one lease length after a loss, so that whatever was
-- written since is as of a later time.
if forgot > 0 and (not s or asof < forgot + 1000000) then
  tokens, asof, gen, cur, prev = 0, forgot + 1000000, nil, 0, 0
end
if gen then
  -- Until a generation lapses, what it holds is missing from the cap.
  local gen_now = math.floor(now / 1000000)
  while gen < gen_now and cur + prev > 0 do
    gen = gen + 1
    local edge = gen * 1000000
    if edge > asof then
      tokens, asof = tokens + (edge - asof) * rate, edge
    end
    if tokens > burst - cur - prev then tokens = burst - cur - prev end
    prev, cur = cur, 0
  end
  if gen < gen_now then gen = gen_now end
end
if now > asof then tokens, asof = tokens + (now - asof) * rate, now end
if tokens > burst - cur - prev then tokens = burst - cur - prev end

local idle = asof > now and asof - now or 0
local wait = 0
if tokens < cost - 1e-6 then
  wait = math.ceil((cost - 1e-6 - tokens) / rate) + idle
end
if cost == 0 or cost > burst + 1e-6 or wait > args[6] + 0 then
  if idle > 0 then return pack('<ddd', tokens, idle, 0) end
  return pack('<d', tokens)
end
tokens = tokens - cost
local full_us = (burst - tokens) / rate + idle
local state
if cur + prev > 0 then
  state = pack('<ddddd', tokens, asof, gen, cur, prev)
  full_us = full_us + (gen + 2) * 1000000 - now
else
  state = pack('<dd', tokens, asof)
end
local ms = full_us / 1000
if ms > 1e14 then ms = 1e14 end
call('SET', KEYS[1], state, 'PX', ms - ms % 1 + 2)
if idle > 0 then return pack('<ddd', tokens, idle, 1) end
return state
