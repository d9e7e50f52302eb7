-- What the scripts for all algorithms share; the text before each of them.
-- KEYS buckets…, epoch
-- ARGV epoch, forgot_us, … and for each bucket eight numbers: algorithm letter,
--      tokens per us, burst, period_us, sub-window us, initial, floor, ceiling
--      (tokens per us)
-- The same state machines as limit/leased_bucket.h and limit/windows.h in C++;
-- tests/redis/differential_test.cc compares them.
local epoch = redis.call('GET', KEYS[#KEYS])
if epoch ~= ARGV[1] then return {epoch} end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local forgot = tonumber(ARGV[2])
local floor, ceil, max, min = math.floor, math.ceil, math.max, math.min
local NEVER, EPSILON, LEASE_US = 1e19, 1e-6, 1000000

-- A cost of 0 peeks: asks whether 1 would pass.
local function need_of(cost) return cost == 0 and 1 or cost end

-- After a loss nothing comes in before `asof`.
local function refill_us(b, missing)
  if missing <= 0 then return 0 end
  return ceil(missing / b.rate) + max(0, b.asof - now)
end

local function set(b, state, us)
  redis.call('SET', b.key, state, 'PX', min(max(floor(us / 1000), 0) + 2, 1e14))
end

-- Token buckets: tokens, as-of time; leases: generation, out in it, out in the
-- one before; adaptive: rate, time and direction of the last step.
local function make_token()
  local token = {}

  function token.load(b)
    b.tokens, b.asof, b.gen, b.cur, b.prev = b.burst, now, 0, 0, 0
    local s = redis.call('GET', b.key)
    if b.adaptive then
      b.rate, b.stepped, b.up = b.initial, -1e18, 1
      if s then
        b.tokens, b.asof, b.gen, b.cur, b.prev, b.rate, b.stepped, b.up =
          struct.unpack('<dddddddd', s)
      end
    elseif s and #s == 16 then
      b.tokens, b.asof = struct.unpack('<dd', s)
    elseif s then
      b.tokens, b.asof, b.gen, b.cur, b.prev = struct.unpack('<ddddd', s)
    end
    -- Nothing comes in for one lease length after a loss, so that whatever was
    -- written since is as of a later time.
    if forgot > 0 and (not s or b.asof < forgot + LEASE_US) then
      b.tokens, b.asof, b.gen, b.cur, b.prev = 0, forgot + LEASE_US, 0, 0, 0
      if b.adaptive then b.rate, b.stepped, b.up = b.initial, -1e18, 1 end
    end
    if b.adaptive then b.rate = min(max(b.rate, b.lowest), b.ceiling) end
  end

  local function fill(b, to)
    if to > b.asof then
      b.tokens, b.asof = b.tokens + (to - b.asof) * b.rate, to
    end
    b.tokens = min(b.tokens, b.burst - b.cur - b.prev)
  end

  function token.advance(b)
    local gen_now = floor(now / LEASE_US)
    while b.gen < gen_now and b.cur + b.prev > 0 do
      b.gen = b.gen + 1
      fill(b, b.gen * LEASE_US)
      b.prev, b.cur = b.cur, 0
    end
    b.gen = max(b.gen, gen_now)
    fill(b, now)
  end

  -- Allowed or not, and microseconds to wait.
  function token.take(b, cost, max_wait)
    local need = need_of(cost)
    if need > b.burst + EPSILON then return false, NEVER end
    local wait = refill_us(b, need - EPSILON - b.tokens)
    if wait > max_wait then return false, wait end
    b.tokens = b.tokens - cost
    return true, wait
  end

  function token.remaining(b) return max(0, floor(b.tokens + EPSILON)) end
  function token.reset_us(b) return refill_us(b, b.burst - b.tokens) end

  function token.refund(b, cost)
    b.tokens = min(b.tokens + cost, b.burst - b.cur - b.prev)
  end

  function token.account(b, gen, spent, returned)
    local field = gen == b.gen and 'cur' or gen == b.gen - 1 and 'prev'
    if not field then return end
    local out = b[field] - min(spent, b[field])
    local credit = min(returned, out)
    b[field] = out - credit
    token.refund(b, credit)
  end

  function token.available(b) return floor(b.tokens + EPSILON) end
  function token.lend(b, tokens)
    b.tokens, b.cur = b.tokens - tokens, b.cur + tokens
  end
  function token.generation(b) return b.gen, LEASE_US end

  function token.save(b)
    local us = max(b.burst - b.tokens, 0) / b.rate + max(b.asof - now, 0)
    if b.cur + b.prev > 0 then us = us + (b.gen + 2) * LEASE_US - now end
    if b.adaptive then
      set(b, struct.pack('<dddddddd', b.tokens, b.asof, b.gen, b.cur, b.prev,
                         b.rate, b.stepped, b.up), max(us, 86400000000))
    elseif b.cur + b.prev > 0 then
      set(b, struct.pack('<ddddd', b.tokens, b.asof, b.gen, b.cur, b.prev), us)
    else
      set(b, struct.pack('<dd', b.tokens, b.asof), us)
    end
  end
  return token
end

-- Fixed windows: index of the window, what is taken (beyond the burst: reserved
-- in the windows after it), when it was written, and the period.
local function make_fixed()
  local fixed = {}

  function fixed.load(b)
    b.index, b.count = 0, 0
    local written, period = 0, b.period
    local s = redis.call('GET', b.key)
    if s then b.index, b.count, written, period = struct.unpack('<dddd', s) end
    if forgot > 0 and written < forgot then
      -- Assume that the window was used up then.
      b.index, b.count = floor(forgot / b.period), b.burst
    elseif period ~= b.period then
      b.index, b.count = floor(now / b.period), min(b.count, b.burst)
    end
  end

  function fixed.advance(b)
    local index = floor(now / b.period)
    if index <= b.index then return end
    b.count = max(0, b.count - (index - b.index) * b.burst)
    b.index = index
  end

  function fixed.take(b, cost, max_wait)
    local need = need_of(cost)
    if need > b.burst then return false, NEVER end
    local window = floor(b.count / b.burst)
    if b.count + need > (window + 1) * b.burst then window = window + 1 end
    local wait = window == 0 and 0 or (b.index + window) * b.period - now
    if wait > max_wait then return false, wait end
    if cost > 0 then b.count = max(b.count, window * b.burst) + cost end
    return true, wait
  end

  function fixed.remaining(b) return max(0, b.burst - b.count) end
  function fixed.reset_us(b)
    return (b.index + max(1, ceil(b.count / b.burst))) * b.period - now
  end
  function fixed.refund(b, cost) b.count = max(0, b.count - cost) end
  function fixed.account(b, gen, spent, returned)
    if gen == b.index then fixed.refund(b, returned) end
  end
  function fixed.available(b) return floor(b.burst - b.count) end
  function fixed.lend(b, tokens) b.count = b.count + tokens end
  function fixed.generation(b)
    return b.index, min(LEASE_US, (b.index + 1) * b.period - now)
  end
  function fixed.save(b)
    set(b, struct.pack('<dddd', b.index, b.count, now, b.period),
        fixed.reset_us(b))
  end
  return fixed
end

-- Sliding windows by sub-window: when it was written, then for each sub-window
-- its end and count, oldest first.
local function make_sliding()
  local sliding = {}

  function sliding.load(b)
    b.ends, b.counts, b.first, b.last, b.count = {}, {}, 1, 0, 0
    local written = 0
    local s = redis.call('GET', b.key)
    if s then
      local values = {struct.unpack('<' .. string.rep('d', #s / 8), s)}
      written = values[1]
      for i = 2, #s / 8, 2 do
        b.last = b.last + 1
        b.ends[b.last], b.counts[b.last] = values[i], values[i + 1]
        b.count = b.count + values[i + 1]
      end
    end
    if forgot > 0 and written < forgot then
      b.ends, b.counts = {(floor(forgot / b.sub) + 1) * b.sub}, {b.burst}
      b.first, b.last, b.count = 1, 1, b.burst
    end
  end

  function sliding.advance(b)
    while b.first <= b.last and b.ends[b.first] + b.period <= now do
      b.count = b.count - b.counts[b.first]
      b.first = b.first + 1
    end
    if b.first > b.last then b.count = 0 end
  end

  -- When `need` more fit, and nobody who waits is overtaken.
  function sliding.due(b, need)
    local over = b.count + need - b.burst
    local due = now
    for i = b.first, b.last do
      if over <= 0 then break end
      over = over - b.counts[i]
      due = b.ends[i] + b.period
    end
    if b.first <= b.last then due = max(due, b.ends[b.last] - b.sub) end
    return due
  end

  function sliding.add(b, at, cost)
    local ends = (floor(at / b.sub) + 1) * b.sub
    b.count = b.count + cost
    if b.first <= b.last and b.ends[b.last] >= ends then
      b.counts[b.last] = b.counts[b.last] + cost
    else
      b.last = b.last + 1
      b.ends[b.last], b.counts[b.last] = ends, cost
    end
  end

  function sliding.take(b, cost, max_wait)
    local need = need_of(cost)
    if need > b.burst then return false, NEVER end
    local wait = sliding.due(b, need) - now
    if wait > max_wait then return false, wait end
    if cost > 0 then sliding.add(b, now + wait, cost) end
    return true, wait
  end

  function sliding.remaining(b) return max(0, b.burst - b.count) end
  function sliding.reset_us(b)
    if b.first > b.last then return 0 end
    return b.ends[b.last] + b.period - now
  end

  function sliding.refund(b, cost)
    while cost > 0 and b.first <= b.last do
      local taken = min(cost, b.counts[b.last])
      b.counts[b.last] = b.counts[b.last] - taken
      b.count, cost = b.count - taken, cost - taken
      if b.counts[b.last] <= 0 then b.last = b.last - 1 end
    end
  end

  function sliding.account(b, gen, spent, returned)
    local ends = (gen + 1) * b.sub
    for i = b.first, b.last do
      if b.ends[i] == ends then
        local credit = min(returned, b.counts[i])
        b.counts[i], b.count = b.counts[i] - credit, b.count - credit
      end
    end
  end

  function sliding.available(b) return floor(b.burst - b.count) end
  function sliding.lend(b, tokens) sliding.add(b, now, tokens) end
  function sliding.generation(b)
    local index = floor(now / b.sub)
    return index, min(LEASE_US, (index + 1) * b.sub - now)
  end

  function sliding.save(b)
    local parts = {struct.pack('<d', now)}
    for i = b.first, b.last do
      parts[#parts + 1] = struct.pack('<dd', b.ends[i], b.counts[i])
    end
    if #parts == 1 then
      redis.call('DEL', b.key)
    else
      set(b, table.concat(parts), sliding.reset_us(b))
    end
  end
  return sliding
end

-- Sliding windows with exact times: a list with the time of each token, oldest
-- first. `gone` of them have left the window; they are only dropped by a write.
local function make_exact()
  local exact = {}

  local function stamp(b, i)  -- the i-th live one, from 0
    if i < b.stored then
      if b.assumed then return forgot end
      return tonumber(redis.call('LINDEX', b.key, b.gone + i))
    end
    return b.added[i - b.stored + 1]
  end

  function exact.load(b)
    b.gone, b.added, b.assumed = 0, {}, false
    local size = redis.call('LLEN', b.key)
    local oldest = size > 0 and tonumber(redis.call('LINDEX', b.key, 0)) or 0
    if forgot > 0 and oldest < forgot then
      -- Not to be trusted: assume that the window was used up then.
      b.assumed, b.gone = true, size
      b.stored = forgot + b.period > now and b.burst or 0
    else
      if oldest + b.period <= now then
        local low, high = 0, size  -- the first that has not left
        while low < high do
          local middle = floor((low + high) / 2)
          local at = tonumber(redis.call('LINDEX', b.key, middle))
          if at + b.period <= now then low = middle + 1 else high = middle end
        end
        b.gone = low
      end
      b.stored = size - b.gone
    end
    b.count = b.stored
  end

  function exact.advance() end

  function exact.newest(b)
    return b.count > 0 and stamp(b, b.count - 1) or 0
  end

  function exact.take(b, cost, max_wait)
    local need = need_of(cost)
    if need > b.burst then return false, NEVER end
    local over = ceil(b.count + need - b.burst)
    local due = now
    if over > 0 then due = max(due, stamp(b, over - 1) + b.period) end
    due = max(due, exact.newest(b) - 1)
    if due - now > max_wait then return false, due - now end
    local at = max(due, exact.newest(b))
    for i = 1, ceil(cost) do b.added[#b.added + 1] = at end
    b.count = b.count + ceil(cost)
    return true, due - now
  end

  function exact.remaining(b) return max(0, b.burst - b.count) end
  function exact.reset_us(b)
    return b.count == 0 and 0 or exact.newest(b) + b.period - now
  end

  -- Takes back the newest; only used when nothing was added.
  function exact.refund(b, cost)
    local kept = max(0, b.count - ceil(cost))
    b.count, b.stored = kept, min(b.stored, kept)
    b.dropped = true
  end

  function exact.save(b)
    if b.assumed then
      redis.call('DEL', b.key)
      for i = 1, b.stored do b.added[#b.added + 1] = forgot end
      table.sort(b.added)
    elseif b.gone > 0 or b.dropped then
      if b.stored == 0 then
        redis.call('DEL', b.key)
      else
        redis.call('LTRIM', b.key, b.gone, b.gone + b.stored - 1)
      end
    end
    if #b.added > 0 then
      local texts = {}
      for i = 1, #b.added do texts[i] = string.format('%.0f', b.added[i]) end
      redis.call('RPUSH', b.key, unpack(texts))
    end
    b.assumed, b.gone = false, 0
    b.stored, b.added = b.count, {}
    if b.count > 0 then
      redis.call('PEXPIRE', b.key, floor(exact.reset_us(b) / 1000) + 2)
    end
  end
  return exact
end

-- Made when needed: to make functions costs more than to run most of them.
local makers = {t = make_token, a = make_token, f = make_fixed,
                w = make_sliding, s = make_exact}
local kinds = {}

local function kind_of(letter)
  local kind = kinds[letter]
  if not kind then
    kind = makers[letter]()
    kinds[letter] = kind
  end
  return kind
end

-- The bucket of KEYS[i], whose numbers start at ARGV[j], brought up to now.
local function open(i, j)
  local letter = ARGV[j]
  local b = {key = KEYS[i], kind = kind_of(letter), adaptive = letter == 'a',
             rate = tonumber(ARGV[j + 1]), burst = tonumber(ARGV[j + 2]),
             period = tonumber(ARGV[j + 3]), sub = tonumber(ARGV[j + 4]),
             initial = tonumber(ARGV[j + 5]), lowest = tonumber(ARGV[j + 6]),
             ceiling = tonumber(ARGV[j + 7])}
  b.kind.load(b)
  b.kind.advance(b)
  return b
end
