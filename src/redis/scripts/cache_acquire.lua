-- Who loads a key?
-- ARGV lease_us, above_version, nonce (hex)
-- Answers kind (0 value, 1 lease, 2 wait), the record, the lease's version, and
-- how long to wait (us).
local record = get('GET', RECORD)
local stored, fresh_until = parse(record)
if fresh_until > now_ms and stored > tonumber(ARGV[2]) then
  return {0, record, 0, 0}
end
local version, nonce, till = lease()
if nonce ~= '0' and till > now then
  if nonce == ARGV[3] then return {1, record, version, 0} end
  return {2, record, 0, till - now}
end
local token = next_version(stored, version)
redis.call('SET', LEASE,
           string.format('%.0f %s %.0f', token, ARGV[3], now + ARGV[1]), 'PX',
           math.ceil(ARGV[1] / 1000) + REMEMBER_MS)
return {1, record, token, 0}
