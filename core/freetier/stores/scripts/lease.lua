-- Become the only holder of a key for a while; its holder may renew.
--
-- KEYS: the instant, the lease. ARGV[1], JSON: now (ms) or none; owner; ttl (ms).
-- Returns 1, or 0 if somebody else holds it.
-- The value is "end owner": a late owner can neither renew nor free what is no longer his.

local asked = cjson.decode(ARGV[1])
local now = tick(keys_from(0, 1), asked.now)
local value = redis.call('GET', KEYS[2])
if value then
  local till, owner = string.match(value, '^(%S+) (.*)$')
  if owner ~= asked.owner and tonumber(till) > now then
    return 0
  end
end
keep(KEYS[2], text(now + asked.ttl) .. ' ' .. asked.owner, asked.ttl)
return 1
