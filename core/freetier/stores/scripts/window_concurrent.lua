-- How many are under way at once; the twin of freetier.windows.concurrent.
-- State: {{id, from, until}} in the order of taking.

local Concurrent = {}
mirrors.concurrent = Concurrent

function Concurrent.new()
  return {}
end

function Concurrent.start_of(s, id)
  local at = position(s, 1, id)
  return at and s[at][2]
end

function Concurrent.earliest(s, t, charge)
  if charge.ceiling < charge.amount then
    return nil
  end
  local ends = {}
  for _, entry in ipairs(s) do
    if entry[3] > t then
      ends[#ends + 1] = entry[3]
    end
  end
  if #ends + charge.amount <= charge.ceiling then
    return t
  end
  table.sort(ends)
  return math.max(t, ends[#ends + charge.amount - charge.ceiling])
end

function Concurrent.take(s, t, _, held)
  table.insert(s, { held.id, t, t + held.lease })
end

function Concurrent.settle(s, _, held)
  pop(s, 1, held.id)
end

function Concurrent.drop(s, _, held)
  pop(s, 1, held.id)
end

function Concurrent.tally(s, t)
  local last = largest(s, 3)
  return 0, #s, last > t and last - t
end

function Concurrent.foreign()
end

function Concurrent.age(s, now)
  local before = #s
  for at = before, 1, -1 do
    if s[at][3] <= now then
      table.remove(s, at)
    end
  end
  return #s < before
end

function Concurrent.over_at(s)
  return largest(s, 3)
end
