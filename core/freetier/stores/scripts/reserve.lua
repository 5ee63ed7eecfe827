-- Take all charges in one step, book them at their future start, or say what stood in the way.
--
-- KEYS: first `asked.seen` keys of instants, then one window per charge, then blocks.
-- ARGV[1], JSON: now (ms) or none; seen; held; charges; deadline (ms the caller would wait);
--   guards, each {at} (its place in KEYS behind the windows) or {till, fault} (read before,
--   because it lives in another slot of the cluster).
-- Returns {1, start_in} or {0, retry_in or false, number of the full charge or 0,
--   number of the guard or 0, end of its block, its fault, now}.
-- A reservation that is held already gets its start again and takes nothing twice.

local asked = cjson.decode(ARGV[1])
local held, charges = asked.held, asked.charges
local window_keys = keys_from(asked.seen, #charges)
local now = tick(keys_from(0, asked.seen), asked.now)

local states, changed = {}, {}
for at, charge in ipairs(charges) do
  states[at] = load_window(window_keys[at], charge)
  changed[at] = mirrors[charge.kind].age(states[at], now, charge)
end

local function save()
  for at, charge in ipairs(charges) do
    if changed[at] then
      save_window(window_keys[at], charge, states[at], now)
    end
  end
end

-- When it is held already, since an answer was lost; or nil.
local function held_from()
  for at, charge in ipairs(charges) do
    local start = mirrors[charge.kind].start_of(states[at], held.id)
    if start then
      return start
    end
  end
end

-- The last end of the guards' blocks, the guard's number (0 for none) and its fault.
local function blocked_until()
  local till, number, fault = now, 0, ''
  for at, guard in ipairs(asked.guards) do
    local its_till, its_fault = guard.till, guard.fault
    if guard.at then
      its_till, its_fault = block_at(KEYS[asked.seen + #charges + guard.at], now)
    end
    if its_till > till then
      till, number, fault = its_till, at, its_fault
    end
  end
  return till, number, fault
end

-- When all charges fit, asked again until it stands still; nil for never; and who was full.
local function earliest(t)
  local full, settled = 0, false
  while not settled do
    settled = true
    for at, charge in ipairs(charges) do
      local fits_at = mirrors[charge.kind].earliest(states[at], t, charge, held)
      if not fits_at then
        return nil, at
      end
      if fits_at > t then
        t, full, settled = fits_at, at, false
      end
    end
  end
  return t, full
end

local again = held_from()
if again then
  save()
  return { 1, math.max(0, again - now) }
end

local free_at, guard, fault = blocked_until()
local start, full = earliest(free_at)
if not start or start > now + asked.deadline then
  save()
  return { 0, start and start - now or false, full, guard, free_at, fault, now }
end

for at, charge in ipairs(charges) do
  mirrors[charge.kind].take(states[at], start, charge, held)
  changed[at] = true
end
save()
return { 1, start - now }
