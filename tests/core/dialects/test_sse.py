"""Events come out the same however the bytes are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.dialects.sse import SseDecoder


def events(*pieces: bytes, limit: int = 1000):
    """Feed pieces and return all events."""
    decoder = SseDecoder(limit)
    found = [event for piece in pieces for event in decoder.feed(piece)]
    return [*found, *decoder.finish()]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: a\n\n", [(b"", b"a")]),
        (b"data:a\n\n", [(b"", b"a")]),
        (b"data:  a\n\n", [(b"", b" a")]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [(b"", b"a"), (b"", b"b")]),
        (b"data: a\r\rdata: b\r\r", [(b"", b"a"), (b"", b"b")]),
        (b"data: a\r\n\ndata: b\n\r\n", [(b"", b"a"), (b"", b"b")]),
        (b"data: a\ndata: b\n\n", [(b"", b"a\nb")]),
        (b": note\n\ndata: a\n: note\n\n", [(b"", b"a")]),
        (b"\n\n\n\ndata: a\n\n\n\n", [(b"", b"a")]),
        (b"event: error\ndata: a\n\n", [(b"error", b"a")]),
        (b"id: 7\nretry: 10\ndata: a\n\n", [(b"", b"a")]),
        (b"event: ping\n\n", []),
        (b"data\n\n", [(b"", b"")]),
        (b"\xef\xbb\xbfdata: a\n\n", [(b"", b"a")]),
        (b"data: a", [(b"", b"a")]),
        (b"data: a\n", [(b"", b"a")]),
        (b'{"error": "no stream at all"}', [(b"", b'{"error": "no stream at all"}')]),
        ("data: ø\n\n".encode(), [(b"", "ø".encode())]),
        (b"", []),
    ],
)
def test_each_form_of_a_frame_is_read_in_one_piece_and_byte_by_byte(stream, expected):
    """Line ends, comments, names, several lines, a mark, a missing end: all in any cuts."""
    assert events(stream) == expected
    assert events(*(stream[i : i + 1] for i in range(len(stream)))) == expected


@given(
    st.lists(st.binary(max_size=12), max_size=6),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
    st.lists(st.integers(0, 120), max_size=8),
)
def test_cuts_never_change_what_is_read(payloads, end, cuts):
    """Any bytes without line ends, framed in any style, survive any cuts."""
    payloads = [payload.translate(None, b"\r\n") for payload in payloads]
    stream = b"".join(b"data: " + payload + end + end for payload in payloads)
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[a:b] for a, b in pairwise(places)]
    assert events(*pieces) == [(b"", payload) for payload in payloads]


@pytest.mark.parametrize("size", [1, 7, 106, 4096])
def test_an_event_of_just_the_limit_is_read(size):
    """The bound is the same in any cuts, to the byte."""
    stream = b"data: " + b"x" * 94 + b"\n\n"
    pieces = [stream[i : i + size] for i in range(0, len(stream), size)]
    assert events(*pieces, limit=100) == [(b"", b"x" * 94)]
    assert events(*pieces, limit=99) == []


@pytest.mark.parametrize("size", [1, 7, 64, 4096])
def test_an_event_beyond_the_limit_ends_the_reading(size):
    """Events before the large one are given, nothing after it, in any cuts."""
    stream = b"data: a\n\n" + b"data: " + b"x" * 200 + b"\n\ndata: b\n\n"
    decoder = SseDecoder(100)
    pieces = [stream[i : i + size] for i in range(0, len(stream), size)]
    found = [event for piece in pieces for event in decoder.feed(piece)]
    assert found == [(b"", b"a")]
    assert decoder.too_large
    assert decoder.finish() == []


def test_one_read_beyond_the_limit_is_given_up():
    """What comes in one piece is bounded like what comes in many."""
    decoder = SseDecoder(100)
    assert decoder.feed(b"data: a\n\n" + b"x" * 200) == [(b"", b"a")]
    assert decoder.too_large


def test_a_line_that_never_ends_is_given_up():
    """A stream without line ends is not collected without bound."""
    decoder = SseDecoder(100)
    for _ in range(50):
        assert decoder.feed(b"x" * 10) == []
    assert decoder.too_large
    assert len(decoder._buffer) <= 110
