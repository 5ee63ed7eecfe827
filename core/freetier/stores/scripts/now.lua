-- Read the store's instant.
--
-- KEYS: the instant. ARGV[1], JSON: now (ms) or none. Returns ms since 1970 UTC.

return tick(keys_from(0, 1), cjson.decode(ARGV[1]).now)
