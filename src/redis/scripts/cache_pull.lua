-- Gives a consumer entries of a namespace's journal.
-- KEYS journal
-- ARGV group, consumer, most, take over after (ms), again (0, 1)
-- Answers entries as XRANGE does.
local journal, group, consumer = KEYS[1], ARGV[1], ARGV[2]
local most = tonumber(ARGV[3])
if redis.call('EXISTS', journal) == 0 then return {} end
local entries, seen = {}, {}

-- An entry that was deleted while it was given to somebody has no fields.
local function add(found)
  for _, entry in ipairs(found or {}) do
    if entry and entry[2] and not seen[entry[1]] then
      seen[entry[1]] = true
      entries[#entries + 1] = entry
    end
  end
end

-- The group is made when it is missed: that takes memory, which reading and
-- acknowledging must not need.
local function ask(...)
  local found = redis.pcall(...)
  if not found or not found.err then return found end
  if not string.find(found.err, 'NOGROUP', 1, true) then error(found.err) end
  redis.call('XGROUP', 'CREATE', journal, group, '0')
  return redis.call(...)
end

local function read(from)
  if #entries >= most then return end
  local found = ask('XREADGROUP', 'GROUP', group, consumer, 'COUNT',
                    most - #entries, 'STREAMS', journal, from)
  if found then add(found[1][2]) end
end

if ARGV[5] == '1' then read('0') end
if #entries < most then
  add(ask('XAUTOCLAIM', journal, group, consumer, ARGV[4], '0-0', 'COUNT',
          most - #entries)[2])
end
read('>')
return entries
