"""Reading a body whole: pieces, the bound, trouble, and the time each piece is given."""

from __future__ import annotations

from freetier.routing.effects import Read
from freetier.routing.reading import read_all
from freetier.values.wire import Broken

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
