-- Gives a consumer entries of a namespace's journal.
-- KEYS journal
-- ARGV group, consumer, most, take over after (ms), again (0, 1), most bytes
-- Answers entries as XRANGE does. What is beyond the bytes stays for the next
-- call, or, if it was taken over by then, for the next to take over.
local journal, group, consumer = KEYS[1], ARGV[1], ARGV[2]
local most, most_bytes = tonumber(ARGV[3]), tonumber(ARGV[6])
if redis.call('EXISTS', journal) == 0 then return {} end
local entries, seen, bytes = {}, {}, 0

local function full() return #entries >= most or bytes >= most_bytes end

-- An entry that was deleted while it was given to somebody has no fields.
local function add(entry)
  if not entry or not entry[2] or seen[entry[1]] then return end
  seen[entry[1]] = true
  entries[#entries + 1] = entry
  for _, text in ipairs(entry[2]) do bytes = bytes + #text end
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

-- One at a time, as only then its size is known. From '>': new ones; from an
-- id: those after it that the consumer was given before.
local function read(from)
  while not full() do
    local found = ask('XREADGROUP', 'GROUP', group, consumer, 'COUNT', 1,
                      'STREAMS', journal, from)
    local entry = found and found[1][2][1]
    if not entry then return end
    add(entry)
    if from ~= '>' then from = entry[1] end
  end
end

if ARGV[5] == '1' then read('0') end
if not full() then
  local lapsed = ask('XAUTOCLAIM', journal, group, consumer, ARGV[4], '0-0',
                     'COUNT', most - #entries, 'JUSTID')[2]
  for _, id in ipairs(lapsed) do
    if full() then break end
    add(redis.call('XRANGE', journal, id, id)[1])
  end
end
read('>')
return entries
