-- Let a lease go if it is this owner's; `clear` also forgets the faults and the block.
--
-- KEYS: the lease, the faults, the block. ARGV[1], JSON: owner; clear.
-- Returns nothing.

local asked = cjson.decode(ARGV[1])
local value = redis.call('GET', KEYS[1])
if value and string.match(value, '^%S+ (.*)$') == asked.owner then
  redis.call('DEL', KEYS[1])
end
if asked.clear then
  redis.call('DEL', KEYS[2], KEYS[3])
end
