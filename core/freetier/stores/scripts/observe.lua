-- Adopt what a provider said: another limit, and less left than was thought.
--
-- KEYS: first `asked.seen` keys of instants, then the window, then its learned limit.
-- ARGV[1], JSON: now (ms) or none; seen; charge; limit or none; remaining or none; source;
--   sent_ago (ms).
-- Returns nothing.

local LEARNED_MS = 8640000000 -- 100 days: a limit that nobody has told since is not known any more

local asked = cjson.decode(ARGV[1])
local charge = asked.charge
local now = tick(keys_from(0, asked.seen), asked.now)

if asked.limit and asked.limit >= 0 then
  local learned = text(asked.limit) .. ' ' .. text(now) .. ' ' .. asked.source
  keep(KEYS[asked.seen + 2], learned, LEARNED_MS)
end
if asked.remaining then
  local key, mirror = KEYS[asked.seen + 1], mirrors[charge.kind]
  local state = load_window(key, charge)
  local used = math.max(0, (asked.limit or charge.ceiling) - asked.remaining)
  mirror.age(state, now, charge)
  mirror.foreign(state, now, charge, used, now - asked.sent_ago)
  save_window(key, charge, state, now)
end
