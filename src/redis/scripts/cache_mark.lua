-- Invalidates tags and globs of a namespace.
-- KEYS marks, globs, the numbers of each tag
-- ARGV soft (0, 1), most tags, most globs, expiry (ms), tags…, globs…
-- The first element of the marks is "last complete_after floor"; the others,
-- and the globs, are "number soft name", the oldest first. Answers the number.
local soft, most_tags, most_globs, expiry = unpack(ARGV, 1, 4)
local tags = #KEYS - 2
-- A write that needs no memory; those after it are then let through without.
redis.call('PEXPIRE', KEYS[1], expiry)
local time = redis.call('TIME')
local number = time[1] * 1000000 + time[2]
local head = redis.call('LPOP', KEYS[1]) or ''
local last, complete_after, floor = string.match(head, '^(%d+) (%d+) (%d+)$')
number = math.max(number, (tonumber(last) or 0) + 1)
local text = string.format('%.0f', number)

local function trim(key, most)
  local dropped
  while redis.call('LLEN', key) > tonumber(most) do
    dropped = string.match(redis.call('LPOP', key), '^%d+') or text
  end
  return dropped
end

for i = 1, tags do
  local name = ARGV[4 + i]
  redis.call('RPUSH', KEYS[1], text .. ' ' .. soft .. ' ' .. name)
  local hard, softly =
    string.match(redis.call('GET', KEYS[2 + i]) or '', '^(%d+) (%d+)$')
  hard, softly = hard or '0', softly or '0'
  if soft == '1' then softly = text else hard = text end
  redis.call('SET', KEYS[2 + i], hard .. ' ' .. softly, 'PX', expiry)
end
for i = 5 + tags, #ARGV do
  redis.call('RPUSH', KEYS[2], text .. ' ' .. soft .. ' ' .. ARGV[i])
end
complete_after = trim(KEYS[1], most_tags) or complete_after or '0'
floor = trim(KEYS[2], most_globs) or floor or '0'
redis.call('LPUSH', KEYS[1], text .. ' ' .. complete_after .. ' ' .. floor)
redis.call('PEXPIRE', KEYS[1], expiry)
redis.call('PEXPIRE', KEYS[2], expiry)
return text
