"""The first words on every new connection: is it a cluster, and is our data still there.

RULE: no command of the store travels on a connection that was not greeted. The schema key
holds our version and a random mark of whoever made it. If the mark has changed, the server
has lost everything we counted: that is said once, as an error, before anything new is
counted.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from redis.exceptions import RedisError, ResponseError

VERSION = 1
"""Of the keys and their values; a server that was written by a later one is left alone."""

Reply = Any
Words = tuple[str, ...]
Talk = Generator[Words, Reply, None]
"""Yields commands and takes their replies, errors of the server included."""


class NewerSchema(RedisError):
    """The keys were written by a later version of this package."""


class DataLost(RedisError):
    """What was counted is gone."""


@dataclass(slots=True)
class Greeting:
    """What is known of the server from earlier connections.

    Attributes:
        schema: Where the version and the mark are.
        mark: What was found there.
        is_cluster: Whether the server is a node of a cluster.
    """

    schema: str
    mark: str | None = None
    is_cluster: bool = False

    def on_connection(self) -> Talk:
        """Begin with what a new connection tells.

        Raises:
            NewerSchema: A later version wrote there.
            DataLost: The mark is not the one that was found before.
        """
        self.is_cluster = _mode((yield ("HELLO",))) == "cluster"
        if not self.is_cluster:  # there a node knows only its own keys
            yield from self.on_data()

    def on_data(self) -> Talk:
        """Compare version and mark; leave ours if there are none."""
        value = _checked((yield ("GET", self.schema)))
        if value is None:
            _checked((yield ("SET", self.schema, f"{VERSION} {uuid4().hex}", "NX")))
            value = _checked((yield ("GET", self.schema)))
        version, _, mark = str(value).partition(" ")
        if not version.isdecimal() or int(version) > VERSION:
            raise NewerSchema(f"its keys have version {version!r}; this package knows {VERSION}")
        before, self.mark = self.mark, mark
        if before not in {None, mark}:
            raise DataLost(
                "it has lost what was counted (restarted without persistence, or emptied); "
                "counting begins anew"
            )


def _mode(hello: Reply) -> str:
    """Return the server's mode; servers before version 6 do not tell it."""
    if isinstance(hello, ResponseError):
        return "unknown"
    pairs = hello if isinstance(hello, dict) else dict(zip(hello[::2], hello[1::2], strict=False))
    return str(pairs.get("mode", "unknown"))


def _checked(reply: Reply) -> Reply:
    if isinstance(reply, Exception):
        raise reply
    return reply
