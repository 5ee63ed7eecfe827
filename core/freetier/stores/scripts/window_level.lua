-- A bucket or a pace as the moment it is full again; the twin of freetier.windows.level.
-- State: full_at, queue {{start, late, amount, id or "", until}} ascending, holes {start}, told.

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

local function level_replay(s, unit)
  local full_at = s[1]
  for _, entry in ipairs(s[2]) do
    full_at = math.max(full_at, entry[2]) + entry[3] * unit
  end
  return full_at
end

-- Whether a start in front of booked ones would move none of them.
local function level_fits(s, t, charge, held, unit)
  local capacity, full_at, placed = capacity_of(charge), s[1], false
  local mine = { t, late_bound(t, charge, held), charge.amount }
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
  local free_at = level_replay(s, unit) + (charge.amount - capacity) * unit - held.near
  return math.max(t, last, math.ceil(free_at))
end

function Level.take(s, t, charge, held)
  insort(s[2], { t, late_bound(t, charge, held), charge.amount, held.id, t + held.lease }, 1)
  remove(s[3], t)
end

function Level.settle(s, charge, held, amount, late)
  local at = position(s[2], 4, held.id)
  if at then
    local entry = s[2][at]
    entry[2] = settled_late(entry[1], charge, held, late)
    entry[3], entry[4] = amount, ''
    Level.age(s, 0, charge)
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
  while s[2][1] and (s[2][1][4] == '' or s[2][1][5] <= now) do
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
  local full_at, reserved = level_replay(s, unit), 0
  if full_at <= t then
    return 0, 0, false
  end
  for _, entry in ipairs(s[2]) do
    reserved = reserved + (entry[4] ~= '' and entry[3] or 0)
  end
  local level = math.ceil((full_at - t) / unit - 1e-6)
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
  return math.max(level_replay(s, unit), largest(s[2], 5))
end
