-- Windows that open with a request; the twin of freetier.windows.first.
-- State: windows {{early, late, count, opener}} ascending, live {{id, sent, amount, early}},
-- told.

local First = {}
mirrors.first = First

function First.new()
  return { {}, {}, 0 }
end

function First.start_of(s, id)
  local at = position(s[2], 1, id)
  return at and s[2][at][2]
end

function First.earliest(s, t, charge, held)
  local room, span = charge.ceiling - charge.amount, charge.span
  if room < 0 and charge.amount > 0 then
    return nil
  end
  if charge.amount == 0 then
    return t
  end
  for at, window in ipairs(s[1]) do
    if t + held.near < window[1] then
      if late_bound(t, charge, held) + CUT + span <= window[1] then
        return t
      end
      t = window[1] - held.near
    end
    local inside = late_bound(t, charge, held) < window[1] + span
    if inside and window[3] <= room then
      return t
    end
    if at == #s[1] or not inside or window[3] > room then
      t = math.max(t, window[2] + span - held.near)
    end
  end
  return t
end

function First.take(s, t, charge, held)
  local early, late = t + held.near, late_bound(t, charge, held)
  for _, window in ipairs(s[1]) do
    if window[1] <= early and late < window[1] + charge.span then
      window[3] = window[3] + charge.amount
      table.insert(s[2], { held.id, t, charge.amount, window[1] })
      return
    end
  end
  insort(s[1], { early, late + CUT, charge.amount, held.id }, 1)
  table.insert(s[2], { held.id, t, charge.amount, early })
end

-- Count a request that went out late in the next window too: it may have opened that.
local function first_spill(s, at, amount, last, span)
  local closed, following = s[1][at][1] + span, s[1][at + 1]
  if not following then
    s[1][at + 1] = { closed, last + CUT, amount, '' }
    return
  end
  local before = following[1]
  following[1], following[2] = math.min(before, closed), math.max(following[2], last + CUT)
  following[3] = following[3] + amount
  for _, live in ipairs(s[2]) do
    if live[4] == before then
      live[4] = following[1]
    end
  end
end

function First.settle(s, charge, held, amount, late)
  local entry = pop(s[2], 1, held.id)
  local at = entry and position(s[1], 1, entry[4])
  if at then
    local window = s[1][at]
    window[3] = window[3] + amount - entry[3]
    local last = settled_late(entry[2], charge, held, late)
    if window[4] == held.id then
      window[2] = last + CUT
    elseif last >= window[1] + charge.span then
      first_spill(s, at, amount, last, charge.span)
    end
  end
end

function First.drop(s, _, held)
  local entry = pop(s[2], 1, held.id)
  local at = entry and position(s[1], 1, entry[4])
  if at then
    local window = s[1][at]
    window[3] = window[3] - entry[3]
    if window[3] <= 0 and window[4] == held.id then
      table.remove(s[1], at)
    end
  end
end

-- The first window that may be open at `t`.
local function first_open(s, t, charge)
  for _, window in ipairs(s[1]) do
    if window[1] <= t and t < window[2] + charge.span then
      return window
    end
  end
end

function First.tally(s, t, charge)
  local window = first_open(s, t, charge)
  if not window then
    return 0, total(s[2], 3), false
  end
  local reserved = 0
  for _, entry in ipairs(s[2]) do
    reserved = reserved + (entry[4] == window[1] and entry[3] or 0)
  end
  return math.max(0, window[3] - reserved), reserved, window[2] + charge.span - t
end

function First.foreign(s, t, charge, used, sent)
  if sent <= s[3] then
    return
  end
  s[3] = sent
  local window = first_open(s, t, charge)
  if not window then
    if used > 0 then
      local at = 1
      while s[1][at] and s[1][at][1] < sent do
        at = at + 1
      end
      table.insert(s[1], at, { sent, t + CUT, used, '' })
    end
  elseif window[1] <= sent and used > window[3] then
    window[3] = used
  end
end

function First.age(s, now, charge)
  local ends, gone = {}, nil
  s[1], gone = only(s[1], function(window)
    local stays = window[2] + charge.span > now
    if not stays then
      ends[text(window[1])] = true
    end
    return stays
  end)
  if gone then
    s[2] = only(s[2], function(entry) return not ends[text(entry[4])] end)
  end
  return gone
end

function First.over_at(s, charge)
  return largest(s[1], 2) + charge.span
end
