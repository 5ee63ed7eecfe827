"""What each fault does to a stream, event by event."""

from __future__ import annotations

import pytest

from freetier.testing import STYLES, Said, Usage, faults
from freetier.testing.breakage import encode, head, parted, split, spoil_events, spoil_pieces
from freetier.testing.faults import Fault
from freetier.testing.replies import Piece
from freetier.testing.shapes import Event, Turn, stream_events
from tests.core.testing.kit import told_text

TURN = Turn(
    style=STYLES["groq"],
    said=Said(text="one two three four five six seven"),
    usage=Usage(prompt=3, output=4),
    model="small",
    number=1,
    at=0.0,
    asked_usage=True,
)


def parts(fault: Fault) -> list[str]:
    """Return the parts of a spoilt stream in order."""
    return [event.part for event in spoil_events(fault, TURN, stream_events(TURN))]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (faults.Ok(), "open text text text finish usage done"),
        (faults.RoleOnly(), "open done"),
        (faults.NoDone(), "open text text text finish usage"),
        (faults.NoFinish(), "open text text text"),
        (faults.NoUsage(), "open text text text finish done"),
        (faults.RepeatedUsage(), "open text text text finish usage usage usage done"),
        (faults.TwoFinishes(), "open text text text finish finish usage done"),
        (faults.ErrorEvent(0), "open error done"),
        (faults.ErrorEvent(2), "open text text error done"),
        (faults.BadEvent(1), "open text bad text text finish usage done"),
        (
            faults.Comments(),
            "".join(
                f" comment {part}"
                for part in ["open", "text", "text", "text", "finish", "usage", "done"]
            )[1:],
        ),
    ],
)
def test_events_come_go_or_are_doubled(fault: Fault, told: str) -> None:
    """The order of the rest stays."""
    assert " ".join(parts(fault)) == told


def test_without_usage_no_event_says_a_number_of_tokens() -> None:
    """Also not at Groq's second place."""
    spoilt = spoil_events(faults.NoUsage(), TURN, stream_events(TURN))
    assert b"tokens" not in b"".join(encode(event) for event in spoilt)


def test_a_bad_event_is_no_json_and_the_rest_is_sound() -> None:
    """A reader that goes on gets all the text."""
    spoilt = spoil_events(faults.BadEvent(1), TURN, stream_events(TURN))
    bad = next(event for event in spoilt if event.part == "bad")
    sound = b"".join(encode(event) for event in spoilt if event is not bad)
    assert encode(bad).count(b"{") > encode(bad).count(b"}")
    assert told_text(sound) == TURN.said.text


def test_head_counts_pieces_of_text() -> None:
    """Comments and openings before them do not count."""
    events = [Event("comment", "x"), Event("open", {}), Event("text", {}), Event("text", {})]
    assert [len(head(events, count)) for count in (0, 1, 2, 9)] == [2, 3, 4, 4]


def test_a_piece_splits_through_characters() -> None:
    """Joined the parts are the piece; only the first waits."""
    whole = Piece("ä€𝄞".encode(), 2.0)
    parts = split(whole, 2)
    assert b"".join(part.data for part in parts) == whole.data
    assert [part.after for part in parts] == [2.0, 0.0, 0.0, 0.0, 0.0]
    with pytest.raises(UnicodeDecodeError):
        parts[1].data.decode()


def test_a_short_body_is_parted_in_its_middle() -> None:
    """There is always something left to cut or to delay."""
    assert parted([Piece(b"ab"), Piece(b"cd")], 1) == ([Piece(b"ab")], [Piece(b"cd")])
    begun, rest = parted([Piece(b"abcd")], 2)
    assert (begun, rest) == ([Piece(b"ab")], [Piece(b"cd")])


def test_pieces_are_cut_delayed_and_flooded() -> None:
    """Each fault changes bytes or times, not both."""
    body = [Piece(b"a\n"), Piece(b"b\n", 1.0), Piece(b"c\n")]
    assert spoil_pieces(faults.Cut(1), body) == [Piece(b"a\n")]
    late = spoil_pieces(faults.StallMidStream(1, 5), body)
    assert [piece.after for piece in late] == [0.0, 6.0, 0.0]
    dripped = spoil_pieces(faults.Drip(2.0, 1), body)
    assert [piece.after for piece in dripped] == [2.0, 2.0, 3.0, 2.0, 2.0, 2.0]
    assert b"".join(p.data for p in spoil_pieces(faults.Crlf(), body)) == b"a\r\nb\r\nc\r\n"
    assert sum(len(p.data) for p in spoil_pieces(faults.Flood(10**6), body)) > 10**6
    assert spoil_pieces(faults.Ok(), body) is body
