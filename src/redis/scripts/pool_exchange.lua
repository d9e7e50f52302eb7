-- A pod says what it has and wants of a pool's slots; answers what it has now.
-- KEYS ledger, expiries, caps, waiting, mailed, turns, epoch, and one that is
--      never there: so while its slot moves, Redis says TRYAGAIN at once
-- ARGV epoch, forgot_us, the ledger's birth that the pod knows of this epoch
--      ('': none), what names of mail begin and end with, then as PoolRequest:
--      pod, sequence, cap, overflow_above, held, need, want, last_token,
--      lease_us, leave, waited_us…
-- Returns 'late', or the text "slots overflow squeezed target one_by_one
-- learning_for_us fence fleet_slots fleet_need pods birth"; an array: the epoch
-- is another, and nothing was done.
-- The same state machine as store/memory/pool_ledger.h in C++;
-- tests/redis/pool_differential_test.cc compares them.
--
-- The ledger is a hash: "h" → the head, "p<pod>" → a pod, "w<pod>" → when those
-- who wait there came; doubles all (as text they would cost twice as much to
-- read and write). The sorted sets are of pods: by when they expire, by
-- their cap, by who waits longest, by when they were given what they do not
-- know of, and by whose turn it is when something is free (the hungry first,
-- then those who want more).
local LEDGER, EXPIRIES, CAPS, WAITING, MAILED, TURNS = unpack(KEYS, 1, 6)
local epoch = redis.call('GET', KEYS[7])
if epoch ~= ARGV[1] then return {epoch} end

local MARGIN_US, MAIL_KEPT_US, SHARE_EVERY_US = 1000000, 300000, 100000
local NO_TARGET, WANTING = 4294967295, 2 ^ 50
local KEPT_MS, KEPT_SPARE_MS = 604800000, 3600000
local BATCH = 1000
local floor, min, max = math.floor, math.min, math.max
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local forgot, known = tonumber(ARGV[2]), ARGV[3]
local asker, sequence, cap_wanted = ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
local overflow_above, held = tonumber(ARGV[9]), tonumber(ARGV[10])
local need, want = tonumber(ARGV[11]), tonumber(ARGV[12])
local last_token, lease = tonumber(ARGV[13]), tonumber(ARGV[14])
local leave = ARGV[15] == '1'

-- The head.
local HEAD, HEAD_BYTES = '<ddddddddddd', 88
local birth, lost, longest, fence, total, needed, share, share_at, turns, count

local function begin(lost_us, last_fence)
  redis.call('DEL', unpack(KEYS, 1, 6))
  birth, lost, longest, fence = now, lost_us, 0, last_fence
  total, needed, share, share_at, turns, count = 0, 0, NO_TARGET, 0, 0, 0
end

local function load()
  -- It does nothing, but after a write that needs no memory Redis has some for
  -- those that do: who is denied memory could not even give slots back.
  redis.pcall('HDEL', LEDGER, '-')
  local text = redis.pcall('HGET', LEDGER, 'h')
  if type(text) ~= 'string' or #text ~= HEAD_BYTES then
    -- New; or it was there once, and so its slots may still be in use.
    return begin(known ~= '' and now or forgot, 0)
  end
  local forgot_then
  forgot_then, birth, lost, longest, fence, total, needed, share, share_at,
    turns, count = struct.unpack(HEAD, text)
  -- Of before a loss.
  if forgot_then ~= forgot then return begin(forgot, fence) end
  if redis.call('ZCARD', EXPIRIES) ~= count or
     redis.call('ZCARD', CAPS) ~= count then
    return begin(now, fence)  -- one of them was evicted
  end
  -- Somebody has made it anew after a loss that he could not see.
  if known ~= '' and tonumber(known) ~= birth and lost < birth then
    lost = now
  end
end

local function save_head()
  redis.call('HSET', LEDGER, 'h',
             struct.pack(HEAD, forgot, birth, lost, longest, fence, total,
                         needed, share, share_at, turns, count))
end

local function learning_until()
  return lost > 0 and lost + longest + MARGIN_US or 0
end

-- A set that is not there for good has an expiry from its first member on.
local function enter(set, score, pod)
  redis.call('ZADD', set, string.format('%.0f', score), pod)
  redis.call('PEXPIRE', set, KEPT_MS)
end

-- Pods that were read; those that were changed are written at the end.
local POD = '<ddddddd'
local pods, changed = {}, {}

local function parse(text)
  local pod = {}
  pod.sequence, pod.held, pod.mail, pod.need, pod.waiters, pod.squeezed,
    pod.target = struct.unpack(POD, text)
  return pod
end

local function get(name)
  local pod = pods[name]
  if pod == nil then
    local text = redis.call('HGET', LEDGER, 'p' .. name)
    pod = text and parse(text) or false
    pods[name] = pod
  end
  return pod
end

local function get_all()
  local all = redis.call('HGETALL', LEDGER)
  for i = 1, #all, 2 do
    if string.byte(all[i]) == 112 then  -- p
      local name = string.sub(all[i], 2)
      if pods[name] == nil then pods[name] = parse(all[i + 1]) end
    end
  end
end

local function save_pods()
  local words = {}
  for name in pairs(changed) do
    local pod = pods[name]
    words[#words + 1] = 'p' .. name
    words[#words + 1] = struct.pack(POD, pod.sequence, pod.held, pod.mail,
                                    pod.need, pod.waiters, pod.squeezed,
                                    pod.target)
    if #words >= BATCH then
      redis.call('HSET', LEDGER, unpack(words))
      words = {}
    end
  end
  if #words > 0 then redis.call('HSET', LEDGER, unpack(words)) end
end

local function set_waiters(name, pod, waiters)
  if #waiters > 0 then
    redis.call('HSET', LEDGER, 'w' .. name,
               struct.pack('<' .. string.rep('d', #waiters), unpack(waiters)))
    enter(WAITING, waiters[1], name)
  elseif pod.waiters > 0 then
    redis.call('HDEL', LEDGER, 'w' .. name)
    redis.call('ZREM', WAITING, name)
  end
  pod.waiters = #waiters
end

local function remove(names)
  local fields = {}
  for i, name in ipairs(names) do
    local pod = get(name)
    if pod then
      total = total - pod.held - pod.mail
      needed = needed - pod.need
    end
    pods[name], changed[name] = false, nil
    fields[2 * i - 1], fields[2 * i] = 'p' .. name, 'w' .. name
  end
  redis.call('HDEL', LEDGER, unpack(fields))
  for i = 2, 6 do redis.call('ZREM', KEYS[i], unpack(names)) end
  count = count - #names
end

local function purge()
  while true do
    local gone = redis.call('ZRANGEBYSCORE', EXPIRIES, '-inf', now, 'LIMIT', 0,
                            BATCH)
    if #gone == 0 then return end
    remove(gone)
  end
end

local function cap()
  return tonumber(redis.call('ZRANGE', CAPS, 0, 0, 'WITHSCORES')[2])
end

-- A pod that is not known has nothing (its lease has passed), unless the store
-- has just forgotten everybody.
local function enter_asker()
  local pod = get(asker)
  local is_new = not pod
  if is_new then
    pod = {held = 0, mail = 0, need = 0, waiters = 0, squeezed = 0,
           target = NO_TARGET}
    pods[asker] = pod
    count = count + 1
  end
  changed[asker] = true
  redis.call('ZADD', CAPS, cap_wanted, asker)
  redis.call('ZADD', EXPIRIES, string.format('%.0f', now + lease + MARGIN_US),
             asker)
  pod.sequence = sequence
  local believed = min(held, pod.held)
  if is_new and now < learning_until() then believed = held end
  total = total - pod.held - pod.mail
  pod.held = believed + pod.mail
  total = total + pod.held
  -- Those who wait longest have got the mail, which the pod did not know.
  local waiters = {}
  for i = 16 + pod.mail, #ARGV do
    waiters[#waiters + 1] = now - tonumber(ARGV[i])
  end
  if pod.mail > 0 then redis.call('ZREM', MAILED, asker) end
  pod.mail = 0
  set_waiters(asker, pod, waiters)
  needed = needed - pod.need + need
  pod.need = need
  return pod
end

local the_cap, one_by_one  -- as they are once the asker is entered or gone
local function free() return max(the_cap - total, 0) end

-- Tracking tells the pod at once; the key itself is not needed.
local function call(name)
  local mail = ARGV[4] .. name .. ARGV[5]
  redis.call('SET', mail, '')
  redis.call('DEL', mail)
end

local function take_back_mail()
  local late = redis.call('ZRANGEBYSCORE', MAILED, '-inf', now - MAIL_KEPT_US)
  for _, name in ipairs(late) do
    local pod = get(name)
    if pod then
      total = total - pod.mail
      pod.mail = 0
      set_waiters(name, pod, {})
      changed[name] = true
    end
    redis.call('ZREM', MAILED, name)
  end
end

local function give_in_turn()
  while free() > 0 do
    local name = redis.call('ZRANGE', WAITING, 0, 0)[1]
    if not name then return end
    local pod = get(name)
    local text = redis.call('HGET', LEDGER, 'w' .. name)
    local format = '<' .. string.rep('d', pod.waiters)
    -- Without the first, who has it now, and where the text ends.
    set_waiters(name, pod,
                {unpack({struct.unpack(format, text)}, 2, pod.waiters)})
    changed[name] = true
    total = total + 1
    if name == asker then
      pod.held = pod.held + 1
    else
      if pod.mail == 0 then
        enter(MAILED, now, name)
        call(name)
      end
      pod.mail = pod.mail + 1
    end
  end
end

-- By halving, since the sum grows with the share.
local function fair_share()
  get_all()
  local low, high = 0, the_cap
  while low < high do
    local middle = low + floor((high - low + 1) / 2)
    local sum = 0
    for _, pod in pairs(pods) do
      if pod then sum = sum + min(pod.need, middle) end
    end
    if sum <= the_cap then low = middle else high = middle - 1 end
  end
  return low
end

local function somebody_hungry()
  local first = redis.call('ZRANGE', TURNS, 0, 0, 'WITHSCORES')[2]
  return first and tonumber(first) < WANTING or false
end

local function target_now()
  if one_by_one then return 0 end
  if needed <= the_cap or share == NO_TARGET then return NO_TARGET end
  -- The cap was larger once: all that is released goes.
  return (somebody_hungry() or total > the_cap) and share or share + 1
end

-- Those who do not know that others are in want, or how much they may keep.
local function call_donors()
  get_all()
  local target = target_now()
  for name, pod in pairs(pods) do
    if pod and name ~= asker and pod.held > 0 and
       not (pod.squeezed == 1 and
            (pod.held <= target or pod.target <= target)) then
      pod.squeezed, pod.target = 1, target
      changed[name] = true
      call(name)
    end
  end
end

local function reckon()
  if now - share_at < SHARE_EVERY_US then return end
  share_at = now
  if not one_by_one and needed > the_cap then share = fair_share() end
  call_donors()
end

local function give_fairly(pod)
  redis.call('ZREM', TURNS, asker)
  local scarce = needed > the_cap
  if not scarce then
    share = NO_TARGET
  elseif share == NO_TARGET then
    share = fair_share()
  end
  local function give(up_to)
    if now < learning_until() or up_to <= pod.held then return end
    local given = min(up_to - pod.held, free())
    pod.held, total = pod.held + given, total + given
  end
  local function wait(from)
    turns = turns + 1
    enter(TURNS, from + turns, asker)
  end
  local fair = min(need, share)
  give(fair)
  if pod.held < fair then
    wait(0)
    return reckon()
  end
  -- What does not go into equal shares.
  if scarce and need > share and not somebody_hungry() then give(share + 1) end
  if not scarce and not somebody_hungry() then give(want) end
  if pod.held < need then wait(WANTING) end
  if scarce then reckon() end
end

local function call_next()
  for _, name in ipairs(redis.call('ZRANGE', TURNS, 0, 1)) do
    if name ~= asker then
      call(name)
      redis.call('ZREM', TURNS, name)
      return
    end
  end
end

load()
purge()
local was_empty = count == 0
local pod = get(asker)
if pod and sequence <= pod.sequence then
  save_head()
  return 'late'
end
fence = max(now, fence + 1, last_token + 1)
-- What has ended does not begin again because leases are longer now.
if longest == 0 or now < learning_until() then longest = max(longest, lease) end
local learning_for = max(learning_until() - now, 0)
if not leave then
  pod = enter_asker()
elseif pod then
  remove({asker})
  pod = false
end
local squeezed, target = false, NO_TARGET
if count > 0 then
  the_cap = cap()
  one_by_one = the_cap < 2 * count
  if one_by_one then
    redis.call('DEL', TURNS)
    take_back_mail()
    if learning_for == 0 then give_in_turn() end
    if free() == 0 then reckon() end
  else
    if pod then give_fairly(pod) end
    if learning_for == 0 and free() > 0 then call_next() end
  end
  squeezed = one_by_one or needed > the_cap or total > the_cap or
             somebody_hungry()
  target = target_now()
end
local slots, overflow = 0, 0
if pod then
  slots = pod.held
  overflow = min(slots, max(total - overflow_above, 0))
  pod.squeezed, pod.target = squeezed and 1 or 0, target
end
save_pods()
save_head()
if was_empty or redis.call('PTTL', LEDGER) < KEPT_MS - KEPT_SPARE_MS then
  for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], KEPT_MS) end
end
return string.format('%.0f %.0f %d %.0f %d %.0f %.0f %.0f %.0f %.0f %.0f',
                     slots, overflow, squeezed and 1 or 0, target,
                     one_by_one and 1 or 0, learning_for, fence, total,
                     min(needed, NO_TARGET),
                     count, birth)
