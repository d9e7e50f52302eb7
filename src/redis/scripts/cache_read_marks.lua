-- A namespace's marks and globs, as cache_mark.lua keeps them.
-- KEYS marks, globs
return {redis.call('LRANGE', KEYS[1], 0, -1),
        redis.call('LRANGE', KEYS[2], 0, -1)}
