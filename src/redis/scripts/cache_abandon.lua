-- A loader gives up: those who wait for it ask again.
-- ARGV the token's version, its nonce (hex)
local version, nonce = lease()
if nonce ~= ARGV[2] or version ~= tonumber(ARGV[1]) then return 0 end
revoke(0, version)
tell()
return 1
