-- Read windows, learned limits and blocks that share one hash tag.
--
-- KEYS: first `asked.seen` keys of instants, then one window per charge, then one learned limit
--   per charge, then `asked.guards` blocks.
-- ARGV[1], JSON: now (ms) or none; seen; charges; guards.
-- Returns {now, {{used, reserved, resets_in or false, learned or false} per charge},
--   {{end, fault} per guard, 0 if it is not blocked}}; a learned limit is "amount instant source".

local asked = cjson.decode(ARGV[1])
local charges = asked.charges
local now = tick(keys_from(0, asked.seen), asked.now)

local tallies = {}
for at, charge in ipairs(charges) do
  local key, mirror = KEYS[asked.seen + at], mirrors[charge.kind]
  local state = load_window(key, charge)
  if mirror.age(state, now, charge) then
    save_window(key, charge, state, now)
  end
  local used, reserved, resets_in = mirror.tally(state, now, charge)
  local learned = redis.call('GET', KEYS[asked.seen + #charges + at])
  tallies[at] = { used, reserved, resets_in, learned }
end

local blocks = {}
for at = 1, asked.guards do
  blocks[at] = { block_at(KEYS[asked.seen + 2 * #charges + at], now) }
end
return { now, tallies, blocks }
