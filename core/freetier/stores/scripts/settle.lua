-- Make a reservation true, keep its estimates, or give it back; a second time does nothing.
--
-- KEYS: first `asked.seen` keys of instants, then one window per charge.
-- ARGV[1], JSON: now (ms) or none; seen; held; charges, each with `amount` as it was taken;
--   sent; amounts, the true ones; answered_ago (ms) or none.
-- Returns nothing.

local asked = cjson.decode(ARGV[1])
local held = asked.held
local now = tick(keys_from(0, asked.seen), asked.now)
local late = asked.answered_ago and now - asked.answered_ago

for at, charge in ipairs(asked.charges) do
  local key, mirror = KEYS[asked.seen + at], mirrors[charge.kind]
  local state = load_window(key, charge)
  if mirror.start_of(state, held.id) then
    if asked.sent then
      local counted = charge.at_answer and now or late
      mirror.settle(state, charge, held, asked.amounts[at], counted)
    else
      mirror.drop(state, charge, held, now)
    end
    save_window(key, charge, state, now)
  end
end
