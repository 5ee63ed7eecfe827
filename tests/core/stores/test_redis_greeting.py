"""What is said on a new connection to Redis, without one."""

from __future__ import annotations

from typing import Any

import pytest
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import ResponseError

from freetier.errors import StoreError, StoreUnavailable
from freetier.stores.redis.address import address
from freetier.stores.redis.faults import may_repeat, ours
from freetier.stores.redis.greeting import DataLost, Greeting, NewerSchema
from freetier.stores.redis.scripts import WITH_WINDOWS, script

STANDALONE = ["server", "redis", "mode", "standalone"]


class Fake:
    """A server that knows one key."""

    def __init__(self, hello: Any = STANDALONE) -> None:
        self.hello = hello
        self.value: str | None = None
        self.heard: list[tuple[str, ...]] = []

    def greet(self, greeting: Greeting) -> None:
        """Let a greeting talk to it."""
        talk = greeting.on_connection()
        words = next(talk)
        while True:
            try:
                words = talk.send(self._reply(words))
            except StopIteration:
                return

    def _reply(self, words: tuple[str, ...]) -> Any:
        self.heard.append(words)
        match words:
            case ("HELLO",):
                return self.hello
            case ("GET", _):
                return self.value
            case ("SET", _, value, "NX"):
                self.value = self.value or value
                return "OK"
        raise AssertionError(words)


def test_the_first_connection_leaves_a_mark_and_later_ones_find_it() -> None:
    """Of two processes that come first the second takes the first one's mark."""
    fake, mine, other = Fake(), Greeting("k"), Greeting("k")
    for greeting in (mine, other, mine):
        fake.greet(greeting)
    assert mine.mark == other.mark
    assert fake.value == f"1 {mine.mark}"


@pytest.mark.parametrize("after", [None, "1 another"])
def test_a_changed_mark_is_an_error_once(after: str | None) -> None:
    """A server that forgot, whoever greeted it first since, is told to each process once."""
    fake, mine = Fake(), Greeting("k")
    fake.greet(mine)
    fake.value = after
    with pytest.raises(DataLost):
        fake.greet(mine)
    fake.greet(mine)


@pytest.mark.parametrize("value", ["2 mark", "10 mark", "what"])
def test_a_later_version_is_an_error_each_time(value: str) -> None:
    """Keys that this package does not understand are never counted in."""
    fake, mine = Fake(), Greeting("k")
    fake.value = value
    for _ in range(2):
        with pytest.raises(NewerSchema):
            fake.greet(mine)


@pytest.mark.parametrize(
    ("hello", "is_cluster"),
    [
        (STANDALONE, False),
        (["mode", "cluster"], True),
        ({"mode": "cluster"}, True),
        (ResponseError("unknown command"), False),
    ],
)
def test_a_node_of_a_cluster_is_not_asked_for_the_mark(hello: Any, is_cluster: bool) -> None:
    """It may not own that key; the mode is told in any protocol, or not at all."""
    fake, mine = Fake(hello), Greeting("k")
    fake.greet(mine)
    assert mine.is_cluster is is_cluster
    assert (("GET", "k") in fake.heard) is not is_cluster


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (LostConnection("gone"), StoreUnavailable),
        (TimeoutError(), StoreUnavailable),
        (ResponseError("MISCONF disk"), StoreUnavailable),
        (ResponseError("WRONGTYPE"), StoreError),
        (DataLost("lost"), StoreError),
    ],
)
def test_what_cannot_count_is_unavailable_and_what_is_wrong_is_an_error(
    error: Exception, kind: type[StoreError]
) -> None:
    """So that the configured fallback stands in for a server that is away, and for nothing else."""
    at, _ = address("redis://localhost", 1.0, None)
    assert type(ours(error, at)) is kind
    assert may_repeat(error) is isinstance(error, LostConnection | TimeoutError)


def test_an_error_that_quotes_a_password_is_scrubbed() -> None:
    """As it is written in the URL and as it is sent, on one line."""
    at, _ = address("redis://:p%40ss-word@localhost", 1.0, None)
    said = str(ours(LostConnection("no\np@ss-word p%40ss-word"), at))
    assert said == "Redis at localhost:6379: no *** ***"


@pytest.mark.parametrize(
    "name",
    ["reserve", "settle", "survey", "observe", "block", "fault", "lease", "release", "now"],
)
def test_each_script_brings_what_it_needs_and_no_more(name: str) -> None:
    """Only operations on windows carry the mirrors; the name is the text's own hash."""
    text, sha = script(name)
    assert len(sha) == 40
    assert ("mirrors.rolling" in text) is (name in WITH_WINDOWS)
    assert text.count("-- KEYS") == 1
