-- What the mirrors of all kinds share; each kind is in its own `window_*.lua`.
--
-- A mirror's state is the list that `dump` of its Python twin returns (freetier.windows),
-- packed as MessagePack, and the rules are those of the twin, in the same order of
-- arithmetic, so that both come to the same number.
--
-- charge: kind, amount, ceiling, span (ms), burst, at_answer, edges (list of ms)
-- held:   id, near, far, lease (ms)
--
-- Every mirror has: new(), age(s, now, charge) -> changed?, earliest(s, t, charge, held) -> ms
-- or nil, take(s, t, charge, held), settle(s, charge, held, amount, late), drop(s, charge,
-- held, now), tally(s, t, charge) -> used, reserved, resets_in or false,
-- foreign(s, t, charge, used, sent), start_of(s, id) -> ms or nil, over_at(s, charge) -> ms.

local mirrors = {}

-- The clock cuts to milliseconds: what came at an instant came up to so much later.
local CUT = 1

local function late_bound(t, charge, held)
  return t + (charge.at_answer and held.lease or held.far)
end

local function settled_late(start, charge, held, late)
  local bound = late_bound(start, charge, held)
  if not late then
    return bound
  end
  return math.min(math.max(late, start + held.near), bound)
end

-- Where in a list of lists the one with this field is, or nil.
local function position(list, field, value)
  for at, entry in ipairs(list) do
    if entry[field] == value then
      return at
    end
  end
end

-- Remove the entry with this field and return it, or nil.
local function pop(list, field, value)
  local at = position(list, field, value)
  return at and table.remove(list, at)
end

-- Remove the first occurrence of a plain value.
local function remove(list, value)
  for at, each in ipairs(list) do
    if each == value then
      table.remove(list, at)
      return
    end
  end
end

-- How many entries of a list that ascends by a field (or by itself) are not above a value.
local function count_upto(list, value, field)
  local low, high = 0, #list
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if (field and list[middle][field] or list[middle]) <= value then
      low = middle
    else
      high = middle - 1
    end
  end
  return low
end

-- Insert into a list that ascends by a field (or by itself), behind its equals.
local function insort(list, entry, field)
  table.insert(list, count_upto(list, field and entry[field] or entry, field) + 1, entry)
end

local function total(list, field)
  local sum = 0
  for _, entry in ipairs(list) do
    sum = sum + entry[field]
  end
  return sum
end

local function largest(list, field)
  local most = 0
  for _, entry in ipairs(list) do
    most = math.max(most, entry[field])
  end
  return most
end

-- The entries of a list for which `stays` holds, and whether that are fewer.
local function only(list, stays)
  local kept = {}
  for _, entry in ipairs(list) do
    if stays(entry) then
      kept[#kept + 1] = entry
    end
  end
  return kept, #kept < #list
end

local function load_window(key, charge)
  local packed = redis.call('GET', key)
  return packed and cmsgpack.unpack(packed) or mirrors[charge.kind].new()
end

local function save_window(key, charge, state, now)
  keep(key, cmsgpack.pack(state), mirrors[charge.kind].over_at(state, charge) - now)
end
