-- Prepended to every script: the store's instant, and values that pass through Redis unharmed.
--
-- All numbers are doubles; instants and amounts are integers below 2^53, and exact.
-- Redis hands a number back as an integer and ends a reply at the first nil: an absent
-- value is `false`, a fraction is text.

local KEEP_MS = 6048000000 -- 70 days: longer than anything is held, so that "seen" outlives it
local MARGIN_MS = 3600000 -- an hour: how long a key stays after the last moment it says anything

local function text(number)
  return string.format('%.17g', number)
end

-- The instant now, in ms since 1970 UTC: the server's, or the caller's if one is given;
-- never before one that was seen under these keys.
local function tick(seen_keys, given)
  local now = given
  if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  for _, key in ipairs(seen_keys) do
    now = math.max(now, tonumber(redis.call('GET', key) or 0))
  end
  for _, key in ipairs(seen_keys) do
    redis.call('SET', key, text(now), 'PX', KEEP_MS)
  end
  return now
end

-- Write a value that is over after `for_ms`; Redis drops the key some time later.
local function keep(key, value, for_ms)
  redis.call('SET', key, value, 'PX', text(math.ceil(math.max(for_ms, 0)) + MARGIN_MS))
end

-- A part of KEYS: `count` of them after the first `skip`.
local function keys_from(skip, count)
  local found = {}
  for at = 1, count do
    found[at] = KEYS[skip + at]
  end
  return found
end

-- The end of a block and its fault; 0 if there is none that still holds at `now`.
local function block_at(key, now)
  local value = redis.call('GET', key)
  if not value then
    return 0, ''
  end
  local till, fault = string.match(value, '^(%S+) (.*)$')
  till = tonumber(till)
  if till <= now then
    redis.call('DEL', key)
    return 0, ''
  end
  return till, fault
end
