-- A bucket or a pace as the moment it is full again; the twin of freetier.windows.level.
-- State: full_at, queue {{start, late, amount, id or "", settled from}} ascending, holes {start},
-- told.

local Level = {}
mirrors.bucket = Level
mirrors.pace = Level

function Level.new()
  return { 0, {}, {}, 0 }
end

function Level.start_of(s, id)
  local at = position(s[2], 4, id)
  return at and s[2][at][1]
end

local function capacity_of(charge)
  return charge.burst ~= 0 and charge.burst or charge.ceiling
end

-- When it is full, if all that is under way had been counted by an instant.
local function level_replay(s, unit, at)
  local full_at = s[1]
  for _, entry in ipairs(s[2]) do
    full_at = math.max(full_at, math.min(entry[2], at)) + entry[3] * unit
  end
  return full_at
end

local function level_lacks(s, at, free, unit)
  return level_replay(s, unit, at) + free > at
end

-- The first instant from `at` on at which the bucket holds what is asked.
local function level_free_from(s, at, free, unit)
  if not level_lacks(s, at, free, unit) then
    return at
  end
  local ends = {}
  for _, entry in ipairs(s[2]) do
    if entry[2] > at then
      ends[#ends + 1] = entry[2]
    end
  end
  table.sort(ends)
  local low, high = 0, #ends
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if level_lacks(s, ends[middle], free, unit) then
      low = middle
    else
      high = middle - 1
    end
  end
  at = ends[low] or at
  return math.max(at, math.ceil(level_replay(s, unit, at) + free))
end

-- Whether a start in front of booked ones would move none of them.
local function level_fits(s, t, charge, held, unit)
  local capacity, full_at, placed = capacity_of(charge), s[1], false
  local mine = { t, late_bound(t, charge, held) + CUT, charge.amount }
  local queue = {}
  for at, entry in ipairs(s[2]) do
    queue[at] = entry
  end
  insort(queue, mine, 1)
  for _, entry in ipairs(queue) do
    placed = placed or entry == mine
    if placed and entry[1] + held.near < full_at + (entry[3] - capacity) * unit then
      return false
    end
    full_at = math.max(full_at, entry[2]) + entry[3] * unit
  end
  return true
end

function Level.earliest(s, t, charge, held)
  if charge.amount == 0 then
    return t
  end
  local capacity = capacity_of(charge)
  if charge.ceiling <= 0 or charge.amount > capacity then
    return nil
  end
  local unit = charge.span / charge.ceiling
  local last = #s[2] > 0 and s[2][#s[2]][1] or 0
  if last > t then
    if level_fits(s, t, charge, held, unit) then
      return t
    end
    for _, hole in ipairs(s[3]) do
      if hole >= t and level_fits(s, hole, charge, held, unit) then
        return hole
      end
    end
  end
  local free = (charge.amount - capacity) * unit
  return level_free_from(s, math.max(t, last) + held.near, free, unit) - held.near
end

function Level.take(s, t, charge, held)
  local late = late_bound(t, charge, held) + CUT
  insort(s[2], { t, late, charge.amount, held.id, t + held.lease }, 1)
  remove(s[3], t)
end

function Level.settle(s, charge, held, amount, late)
  local at = position(s[2], 4, held.id)
  if at then
    local entry, before = s[2][at], s[2][at - 1]
    local ends = settled_late(entry[1], charge, held, late) + CUT
    if before and before[2] == ends and before[4] == '' then
      before[3] = before[3] + amount
      table.remove(s[2], at)
    else
      entry[2], entry[3], entry[4], entry[5] = ends, amount, '', ends
    end
  end
end

function Level.drop(s, _, held, now)
  local entry = pop(s[2], 4, held.id)
  if entry and entry[1] > now then
    insort(s[3], entry[1])
  end
end

function Level.age(s, now, charge)
  local before = #s[2] + #s[3]
  local unit = charge.ceiling > 0 and charge.span / charge.ceiling or 0
  while s[2][1] and s[2][1][5] <= now do
    local entry = table.remove(s[2], 1)
    s[1] = math.max(s[1], entry[2]) + entry[3] * unit
  end
  s[3] = only(s[3], function(hole) return hole >= now end)
  return #s[2] + #s[3] < before
end

function Level.tally(s, t, charge)
  if charge.ceiling <= 0 then
    return 0, 0, false
  end
  local unit = charge.span / charge.ceiling
  local full_at, reserved = level_replay(s, unit, math.huge), 0
  if full_at <= t then
    return 0, 0, false
  end
  for _, entry in ipairs(s[2]) do
    reserved = reserved + (entry[4] ~= '' and entry[3] or 0)
  end
  local level = math.max(0, math.ceil((level_replay(s, unit, t) - t) / unit - 1e-6))
  return math.max(0, level - reserved), math.min(reserved, level), math.ceil(full_at - t)
end

function Level.foreign(s, t, charge, used, sent)
  if sent <= s[4] or charge.ceiling <= 0 then
    return
  end
  s[4] = sent
  local unit = charge.span / charge.ceiling
  local ours, wanted = math.max(s[1], sent), sent + used * unit
  for _, entry in ipairs(s[2]) do
    if entry[1] <= t then
      ours = math.max(ours, entry[2]) + entry[3] * unit
    end
  end
  if wanted > ours + unit then
    s[1] = math.max(s[1], sent) + (wanted - ours)
  end
end

function Level.over_at(s, charge)
  local unit = charge.ceiling > 0 and charge.span / charge.ceiling or 0
  return math.max(level_replay(s, unit, math.huge), largest(s[2], 5))
end
