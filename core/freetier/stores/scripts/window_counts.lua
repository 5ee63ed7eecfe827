-- Windows on the clock or the calendar; the twin of freetier.windows.counts.
-- State: counts {{start, count}} ascending, live {{id, sent, amount, {starts}}}, told.

local Counts = {}
mirrors.fixed = Counts
mirrors.calendar = Counts

local KEPT = 8

-- Start and end of the window that holds the instant `t`.
local function window_of(t, charge)
  local edges, span = charge.edges, charge.span
  if #edges == 0 then
    local start = t - t % span
    return start, start + span
  end
  local at = count_upto(edges, t)
  if at == 0 then
    return edges[1] - span, edges[1]
  end
  if at == #edges then
    local start = edges[at] + math.floor((t - edges[at]) / span) * span
    return start, start + span
  end
  return edges[at], edges[at + 1]
end

-- Starts of all windows that the instants from `early` to `late` lie in.
local function touched(early, late, charge)
  local start, finish = window_of(early, charge)
  local starts = { start }
  while finish <= late do
    start, finish = window_of(finish, charge)
    starts[#starts + 1] = start
  end
  return starts
end

local function count_of(s, start)
  local entry = s[1][count_upto(s[1], start, 1)]
  return entry and entry[1] == start and entry[2] or 0
end

-- Change the count of a window that is known; make it known if `made`.
local function count_more(s, start, more, made)
  local at = count_upto(s[1], start, 1)
  local entry = s[1][at]
  if entry and entry[1] == start then
    entry[2] = entry[2] + more
  elseif made then
    table.insert(s[1], at + 1, { start, more })
  end
end

-- What of a window's count is live; only of what is sent after `t`, if that is given.
local function count_live(s, start, t)
  local sum = 0
  for _, entry in ipairs(s[2]) do
    local is_in = entry[4][count_upto(entry[4], start)] == start
    if is_in and (not t or entry[2] > t) then
      sum = sum + entry[3]
    end
  end
  return sum
end

function Counts.new()
  return { {}, {}, 0 }
end

function Counts.start_of(s, id)
  local at = position(s[2], 1, id)
  return at and s[2][at][2]
end

function Counts.earliest(s, t, charge, held)
  local room = charge.ceiling - charge.amount
  if room < 0 and charge.amount > 0 then
    return nil
  end
  if charge.amount == 0 then
    return t
  end
  while true do
    local start, finish = window_of(t + held.near, charge)
    if count_of(s, start) > room then
      t = finish - held.near
    else
      local late, full = late_bound(t, charge, held), nil
      if late < finish then
        return t
      end
      for _, each in ipairs(touched(finish, late, charge)) do
        full = count_of(s, each) > room and each or full
      end
      if not full then
        return t
      end
      t = full - held.near
    end
  end
end

function Counts.take(s, t, charge, held)
  local starts = touched(t + held.near, late_bound(t, charge, held), charge)
  for _, start in ipairs(starts) do
    count_more(s, start, charge.amount, true)
  end
  table.insert(s[2], { held.id, t, charge.amount, starts })
end

function Counts.settle(s, charge, held, amount, late)
  local entry = pop(s[2], 1, held.id)
  if entry then
    local last = settled_late(entry[2], charge, held, late)
    for _, start in ipairs(entry[4]) do
      count_more(s, start, (start <= last and amount or 0) - entry[3])
    end
    local _, finish = window_of(entry[4][#entry[4]], charge)
    for _, start in ipairs(finish <= last and touched(finish, last, charge) or {}) do
      count_more(s, start, amount, true) -- it went out late
    end
  end
end

function Counts.drop(s, _, held)
  local entry = pop(s[2], 1, held.id)
  if entry then
    for _, start in ipairs(entry[4]) do
      count_more(s, start, -entry[3])
    end
  end
end

function Counts.tally(s, t, charge)
  local start, finish = window_of(t, charge)
  local reserved, count = count_live(s, start), count_of(s, start)
  return math.max(0, count - reserved), reserved, count ~= 0 and finish - t
end

function Counts.foreign(s, t, charge, used, sent)
  local start = window_of(t, charge)
  if sent <= s[3] or window_of(sent, charge) ~= start then
    return
  end
  s[3] = sent
  local later = count_live(s, start, t)
  local ours = count_of(s, start) - later
  if used > ours then
    count_more(s, start, used + later - count_of(s, start), true)
  end
end

function Counts.age(s, now, charge)
  if #s[1] + #s[2] <= KEPT then
    return false
  end
  local oldest = window_of(now, charge) - charge.span
  local fewer_counts, fewer_live
  s[1], fewer_counts = only(s[1], function(entry) return entry[1] >= oldest end)
  s[2], fewer_live = only(s[2], function(entry) return entry[4][#entry[4]] >= oldest end)
  return fewer_counts or fewer_live
end

-- Two spans after the start of the last window, for counters; a third because a month or a
-- day of the calendar may be longer than its nominal length.
function Counts.over_at(s, charge)
  local newest = largest(s[1], 1)
  for _, entry in ipairs(s[2]) do
    newest = math.max(newest, entry[4][#entry[4]])
  end
  return newest + 3 * charge.span
end
