-- A weighted counter; the twin of freetier.windows.counter, on the state of window_counts.

local Counter = {}
mirrors.counter = Counter
for name, does in pairs(Counts) do
  Counter[name] = does
end

local SHIFT = 1048576 -- 2^20

-- floor(a * b / span), exact although a * b may pass 2^53: b and span are lengths in ms,
-- below 2^32, and each product stays below 2^53.
local function share_of(a, b, span)
  local whole, rest = math.floor(a / span), a % span
  local high, low = math.floor(b / SHIFT), b % SHIFT
  local upper = rest * high
  local carried = (upper % span) * SHIFT + rest * low
  return whole * b + math.floor(upper / span) * SHIFT + math.floor(carried / span)
end

local function faded(before, elapsed, charge)
  return share_of(before, charge.span - elapsed, charge.span)
end

-- The first stamp from `stamp` on that the provider would take.
local function counter_fit(s, stamp, charge, room)
  while true do
    local start, finish = window_of(stamp, charge)
    local left = room - count_of(s, start)
    if left < 0 then
      stamp = finish
    else
      local before = count_of(s, (window_of(start - 1, charge)))
      if faded(before, stamp - start, charge) <= left then
        return stamp
      end
      stamp = start + math.floor(charge.span * (1 - (left + 1) / before)) + 1
      while faded(before, stamp - start, charge) > left do
        stamp = stamp + 1
      end
      if stamp < finish then
        return stamp
      end
      stamp = finish
    end
  end
end

function Counter.earliest(s, t, charge, held)
  local room = charge.ceiling - charge.amount
  if room < 0 and charge.amount > 0 then
    return nil
  end
  if charge.amount == 0 then
    return t
  end
  t = math.max(t, largest(s[2], 2))
  while true do
    local found = counter_fit(s, t + held.near, charge, room) - held.near
    local late = late_bound(found, charge, held)
    local again = counter_fit(s, late, charge, room)
    if again <= late then
      return math.max(found, t)
    end
    t = math.max(found + 1, again - (late - found))
  end
end

function Counter.tally(s, t, charge)
  local used, reserved = Counts.tally(s, t, charge)
  local start, finish = window_of(t, charge)
  local before = count_of(s, (window_of(start - 1, charge)))
  used = used + faded(before, t - start, charge)
  return used, reserved, used + reserved ~= 0 and finish + charge.span - t
end
