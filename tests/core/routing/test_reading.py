"""Reading a body whole: pieces, the bound, trouble, and the time each piece is given."""

from __future__ import annotations

from email.utils import formatdate

from freetier.routing.effects import Read
from freetier.routing.reading import dated, read_all
from freetier.testing import faults
from freetier.values.wire import Broken
from tests.core.routing.stage import Stage

BODY = object()


def _read(pieces: list[bytes | Broken], bound: int | None = None) -> tuple[object, list[object]]:
    """Return what comes of pieces, and the seconds that were given for each."""
    left = iter([3.0, 2.0, 1.0, 0.0])
    flow = read_all(BODY, lambda: next(left), bound)  # type: ignore[arg-type]
    given: list[object] = []
    try:
        wish = next(flow)
        while True:
            assert isinstance(wish, Read)
            given.append(wish.timeout)
            wish = flow.send(pieces[len(given) - 1])
    except StopIteration as end:
        return end.value, given


def test_pieces_are_joined_until_the_empty_one() -> None:
    """Each is given what is left."""
    assert _read([b"a", b"b", b""]) == (b"ab", [3.0, 2.0, 1.0])


def test_a_bound_ends_it() -> None:
    """Nobody reads on for ever."""
    assert _read([b"ab", b"cd", b"ef"], bound=3) == (b"abcd", [3.0, 2.0])


def test_trouble_is_what_came() -> None:
    """Half a body is none."""
    broken = Broken(kind="cut", detail="gone")
    assert _read([b"a", broken]) == (broken, [3.0, 2.0])


def test_a_refusal_without_a_date_came_when_it_arrived() -> None:
    """A moment by the clock needs one; what has a date, or tells no moment, is left alone."""
    told, date = ("retry-after", "Sat, 21 Nov 2026 00:01:00 GMT"), ("date", "yesterday")
    wall = 1_795_219_200.5
    assert dated((told,), wall) == (told, ("date", "Sat, 21 Nov 2026 00:00:00 GMT"))
    assert dated((told, date), wall) == (told, date)
    assert dated((("x-why", "tea"),), wall) == (("x-why", "tea"),)


def test_a_provider_that_names_a_moment_and_no_date_is_left_alone_until_then() -> None:
    """By our own clock, to the second, and not a moment less."""
    stage = Stage(providers={"alpha": 1})
    at = formatdate(stage.clock.now() + 90, usegmt=True)
    refused = faults.Status(429, {"error": "slow down"}, {"retry-after": at})
    stage.fleet.script("alpha-1", [refused])
    assert stage.ask(max_wait=0) == "QuotaExhausted"
    assert [89.0 <= (seconds or 0.0) <= 91.0 for _, seconds in stage.kinds("block")] == [True]
