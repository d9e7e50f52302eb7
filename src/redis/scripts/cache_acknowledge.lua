-- Entries of a namespace's journal are done with.
-- KEYS journal
-- ARGV group, ids…
redis.call('XACK', KEYS[1], unpack(ARGV))
return redis.call('XDEL', KEYS[1], unpack(ARGV, 2))
