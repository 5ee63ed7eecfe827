"""Quota in Redis or Valkey: one Lua script per operation, judged by the server's clock.

Keys are `prefix + table + ":" + key`. The tables are `window` (a mirror's state, packed),
`learned`, `block`, `faults`, `lease`, and `seen` (the highest instant, one per hash tag);
`schema` is one key. Every key but `schema` leaves by itself some time after it says nothing
any more, so a server that evicts keys must use the policy `noeviction`, and one that should
remember over a restart must be persistent (`appendonly yes`).

On a cluster one script is one slot: the keys of an account, or of its pool, share a hash
tag. Blocks of a whole provider live elsewhere and are only read: there they are read just
before the script and handed to it, which is as if the caller had asked a moment earlier.
Without a cluster they are read within the script.
"""

from __future__ import annotations

from freetier.stores.redis.store import RedisStore, open_redis

__all__ = ["RedisStore", "open_redis"]
