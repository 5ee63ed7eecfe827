-- Count a fault against a key.
--
-- KEYS: the instant, the faults. ARGV[1], JSON: now (ms) or none; span (ms); id of this call.
-- Returns how many faults there were within the span, this one included.
-- The value is {last id, {instants}}: a call that is repeated because its answer was lost
-- counts once.

local KEPT_FAULTS, DAY_MS = 64, 86400000

local asked = cjson.decode(ARGV[1])
local now = tick(keys_from(0, 1), asked.now)
local packed = redis.call('GET', KEYS[2])
local last_id, faults = unpack(packed and cmsgpack.unpack(packed) or { '', {} })

local recent = {}
for _, at in ipairs(faults) do
  if at > now - asked.span then
    recent[#recent + 1] = at
  end
end
if last_id ~= asked.id then
  recent[#recent + 1] = now
end
local count = #recent
while #recent > KEPT_FAULTS do
  table.remove(recent, 1)
end
keep(KEYS[2], cmsgpack.pack({ asked.id, recent }), math.max(asked.span, DAY_MS))
return count
