"""Where the server is, how it is reached, and what may be said about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from freetier.errors import ConfigError

Client = Any
"""The library's client of one server, or of a cluster; they share methods and no class."""

Connection = Any
"""The library's connection, of whatever sort."""

PREFIX = "freetier:"
SCHEMES = {"valkey": "redis", "valkeys": "rediss"}
"""What the client library calls by another name."""

POOL = 50
"""Connections of one pool; who comes when all are in use waits for one."""


@dataclass(frozen=True, slots=True)
class Address:
    """One server or cluster.

    Attributes:
        url: As the client library takes it, with a password if there is one.
        label: Host, port and database, for errors and logs.
        secrets: What must not be repeated.
        timeout: Bound of one operation, in seconds.
    """

    url: str = field(repr=False)
    label: str
    secrets: tuple[str, ...] = field(repr=False)
    timeout: float

    def options(self) -> dict[str, Any]:
        """Return the arguments of a client, but for how long an answer is waited for.

        A connection is waited for a quarter of the bound, an answer half of it: so there is
        time for a second try.
        """
        return {
            "decode_responses": True,
            "protocol": 2,
            "retry": Retry(NoBackoff(), 0),
            "socket_connect_timeout": self.timeout / 4,
        }

    @property
    def answer_timeout(self) -> float:
        """Return how long one try may take, in seconds."""
        return self.timeout / 2

    def scrub(self, text: str) -> str:
        """Return a text in one line without what must not be repeated."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return " ".join(text.split())


def address(url: str, timeout: float, prefix: str | None) -> tuple[Address, str]:
    """Return what a URL says, and the prefix of the keys.

    Raises:
        ConfigError: The URL, the time-out or the prefix cannot be used.
    """
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        told = query.pop("prefix", PREFIX)
        timeout = float(query.pop("timeout", timeout))
        found = Address(_plain(parts, query), _label(parts), _secrets(parts, query), timeout)
        # Nothing is sent: the library reads the URL, and whether it knows every option.
        redis.ConnectionPool.from_url(found.url, **found.options()).make_connection()
    except (ValueError, TypeError, redis.RedisError):  # their texts may quote the password
        raise ConfigError(
            "the URL of the Redis store cannot be used; it reads "
            "redis://user:password@host:6379/0?prefix=freetier:",
            where="store",
        ) from None
    chosen = told if prefix is None else prefix
    if "{" in chosen or "}" in chosen:
        raise ConfigError("the prefix of keys in Redis holds no braces", where="store")
    if timeout <= 0:
        raise ConfigError("the time-out of the Redis store is more than 0 s", where="store")
    return found, chosen


def _plain(parts: SplitResult, query: dict[str, str]) -> str:
    """Return the URL for the library, which has no other names for Valkey."""
    scheme = SCHEMES.get(parts.scheme, parts.scheme)
    return f"{scheme}://{parts.netloc}{parts.path}" + (f"?{urlencode(query)}" if query else "")


def _label(parts: SplitResult) -> str:
    host = parts.hostname or ("" if parts.scheme == "unix" else "localhost")
    port = f":{parts.port or 6379}" if parts.scheme != "unix" else ""
    return f"{host}{port}{parts.path.rstrip('/')}"


def _secrets(parts: SplitResult, query: dict[str, str]) -> tuple[str, ...]:
    """Return passwords as they are written and as they are sent, the longest first."""
    written = [secret for secret in (parts.password, query.get("password")) if secret]
    known = {form for secret in written for form in (secret, unquote(secret))}
    return tuple(sorted(known, key=len, reverse=True))
