"""Where the server is, how it is reached, and what may be said about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from redis.backoff import NoBackoff
from redis.retry import Retry

from freetier.errors import ConfigError

Client = Any
"""The library's client of one server, or of a cluster; they share methods and no class."""

Connection = Any
"""The library's connection, of whatever sort."""

PREFIX = "freetier:"
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
        """Return the arguments of a client.

        A connection is waited for a quarter of the bound, an answer half of it: so there is
        time for a second try.
        """
        return {
            "decode_responses": True,
            "protocol": 2,
            "retry": Retry(NoBackoff(), 0),
            "socket_connect_timeout": self.timeout / 4,
            "socket_timeout": self.timeout / 2,
        }

    def scrub(self, text: str) -> str:
        """Return a text in one line without what must not be repeated."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return " ".join(text.split())


def address(url: str, timeout: float, prefix: str | None) -> tuple[Address, str]:
    """Return what a URL says, and the prefix of the keys.

    Raises:
        ConfigError: The URL or the prefix cannot be used.
    """
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        told = query.pop("prefix", None)
        label = f"{parts.hostname or 'localhost'}:{parts.port or 6379}{parts.path.rstrip('/')}"
    except ValueError:  # its text may quote the password
        raise ConfigError("the URL of the Redis store cannot be read", where="store") from None
    chosen = prefix if prefix is not None else told if told is not None else PREFIX
    if "{" in chosen or "}" in chosen:
        raise ConfigError("the prefix of keys in Redis holds no braces", where="store")
    if timeout <= 0:
        raise ConfigError("the time-out of the Redis store is more than 0 s", where="store")
    secrets = [parts.password or "", query.get("password", "")]
    known = {s for secret in secrets if secret for s in (secret, unquote(secret))}
    plain = urlunsplit(parts._replace(query=urlencode(query)))
    found = Address(plain, label, tuple(sorted(known, key=len, reverse=True)), timeout)
    return found, chosen
