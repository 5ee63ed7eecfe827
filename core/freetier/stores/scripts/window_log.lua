-- A rolling window as an exact log; the twin of freetier.windows.log.
-- State: settled {{release, amount}}, live {{id, start, amount, release}}, last start,
-- holes {start}, told.

local Log = {}
mirrors.rolling = Log

local EXACT_SPAN_MS, SUB_BUCKETS = 3600000, 288

function Log.new()
  return { {}, {}, 0, {}, 0 }
end

function Log.start_of(s, id)
  local at = position(s[2], 1, id)
  return at and s[2][at][2]
end

-- When enough of everything held will have left, newest releases first.
local function log_tail(s, t, room)
  room = math.max(room, 0)
  local live = {}
  for at, entry in ipairs(s[2]) do
    live[at] = { entry[4], entry[3] }
  end
  table.sort(live, function(a, b) return a[1] < b[1] end)
  local kept, old, young = 0, #s[1], #live
  while old > 0 or young > 0 do
    local next
    if young > 0 and (old == 0 or live[young][1] >= s[1][old][1]) then
      next, young = live[young], young - 1
    else
      next, old = s[1][old], old - 1
    end
    kept = kept + next[2]
    if kept > room then
      return math.max(t, next[1])
    end
  end
  return t
end

local function log_held_at(s, t)
  local kept = 0
  for _, entry in ipairs(s[1]) do
    if entry[1] > t then
      kept = kept + entry[2]
    end
  end
  for _, entry in ipairs(s[2]) do
    if entry[2] <= t and t < entry[4] then
      kept = kept + entry[3]
    end
  end
  return kept
end

local function log_fits(s, start, length, room)
  if log_held_at(s, start) > room then
    return false
  end
  for _, entry in ipairs(s[2]) do
    local later = start < entry[2] and entry[2] < start + length
    if later and log_held_at(s, entry[2]) > room then
      return false
    end
  end
  return true
end

function Log.earliest(s, t, charge, held)
  local room = charge.ceiling - charge.amount
  if room < 0 and charge.amount > 0 then
    return nil
  end
  if s[3] <= t then
    if total(s[1], 2) + total(s[2], 3) <= room then
      return t
    end
    return log_tail(s, t, room)
  end
  local length = held.far + CUT + charge.span - held.near
  if log_fits(s, t, length, room) then
    return t
  end
  for _, hole in ipairs(s[4]) do
    if hole >= t and log_fits(s, hole, length, room) then
      return hole
    end
  end
  return math.max(s[3], log_tail(s, t, room))
end

function Log.take(s, t, charge, held)
  local release = late_bound(t, charge, held) + CUT + charge.span - held.near
  table.insert(s[2], { held.id, t, charge.amount, release })
  if t > s[3] then
    s[3] = t
  else
    remove(s[4], t)
  end
end

local function log_keep(s, release, amount, span)
  if amount <= 0 then
    return
  end
  if span > EXACT_SPAN_MS then
    local grain = math.floor(span / SUB_BUCKETS)
    local beyond = math.fmod(release, grain)
    release = beyond == 0 and release or release - beyond + grain
  end
  local at = count_upto(s[1], release, 1)
  local entry = s[1][at]
  if entry and entry[1] == release then
    entry[2] = entry[2] + amount
  else
    table.insert(s[1], at + 1, { release, amount })
  end
end

function Log.settle(s, charge, held, amount, late)
  local entry = pop(s[2], 1, held.id)
  if entry then
    local counted = settled_late(entry[2], charge, held, late)
    log_keep(s, counted + CUT + charge.span - held.near, amount, charge.span)
  end
end

function Log.drop(s, charge, held, now)
  local entry = pop(s[2], 1, held.id)
  if entry and entry[2] > now then
    insort(s[4], entry[2])
  end
end

function Log.tally(s, t)
  local last = math.max(#s[1] > 0 and s[1][#s[1]][1] or 0, largest(s[2], 4))
  return total(s[1], 2), total(s[2], 3), last > t and last - t
end

function Log.foreign(s, t, charge, used, sent)
  if sent <= s[5] then
    return
  end
  s[5] = sent
  local ours = total(s[1], 2)
  for _, entry in ipairs(s[2]) do
    ours = ours + (entry[2] <= t and entry[3] or 0)
  end
  log_keep(s, t + CUT + charge.span, used - ours, charge.span)
end

function Log.age(s, now)
  local before = #s[1] + #s[2] + #s[4]
  s[1] = only(s[1], function(entry) return entry[1] > now end)
  while s[2][1] and s[2][1][4] <= now do
    table.remove(s[2], 1)
  end
  s[4] = only(s[4], function(hole) return hole >= now end)
  return #s[1] + #s[2] + #s[4] < before
end

function Log.over_at(s)
  return math.max(#s[1] > 0 and s[1][#s[1]][1] or 0, largest(s[2], 4))
end
