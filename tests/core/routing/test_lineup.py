"""A lineup is whole before anybody else can see its places."""

from __future__ import annotations

from collections import Counter
from threading import Lock

from freetier.routing.health import Rest
from freetier.routing.lineup import Lineup
from freetier.routing.seats import Entry, Placing, Seat
from tests.core.routing.setups import candidate


class Hasty(list[Seat]):
    """Sends every place to rest as soon as it is told of it, as another thread may."""

    def append(self, seat: Seat) -> None:
        """Take a place in, and send it to rest."""
        super().append(seat)
        seat.lineup.rest(seat, 60.0, Rest("unauthorised", "left alone", waitable=False))


def test_a_place_may_be_sent_to_rest_while_others_are_still_told_of() -> None:
    """A wrong key found under one name, while another name is asked for the first time."""
    placed = []
    for _ in range(3):
        one = candidate()
        entry = Entry(one, 500)
        entry.seats = Hasty()
        placed.append(Placing(one, entry, 0, Counter()))

    lineup = Lineup(placed, lambda seat: (seat.candidate.order,), (), Lock)

    assert lineup.best(0.0, lambda _: False) is None
    assert lineup.resting == 3
    assert lineup.best(61.0, lambda _: False) in lineup.seats
