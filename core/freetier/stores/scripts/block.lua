-- Leave a key alone for a while; a later end wins over an earlier one.
--
-- KEYS: the instant, the block. ARGV[1], JSON: now (ms) or none; for_ms; fault.
-- Returns nothing.

local asked = cjson.decode(ARGV[1])
local now = tick(keys_from(0, 1), asked.now)
local till = now + asked.for_ms
if block_at(KEYS[2], now) < till then
  keep(KEYS[2], text(till) .. ' ' .. asked.fault, asked.for_ms)
end
