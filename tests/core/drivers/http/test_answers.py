"""Readers of HTTP: all see the same, however the bytes are cut."""

from __future__ import annotations

import pytest

from freetier.drivers.http.answers import HEAD_MAX, Malformed
from freetier.drivers.http.plain import PlainReader
from freetier.drivers.http.with_h11 import H11Reader
from freetier.drivers.http.with_httptools import HttptoolsReader

READERS = [H11Reader, HttptoolsReader, PlainReader]
every = pytest.mark.parametrize("reader", READERS)

LONG = b"HTTP/1.1 200 OK\r\nX-One: 1\r\ncontent-length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\n\r\n"
)
TRAILED = CHUNKED[:-2] + b"x-after: 1\r\n\r\n"
CONTINUED = b"HTTP/1.1 100 Continue\r\n\r\n" + LONG
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"
CLOSING = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello"
OLD = b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello"
UNFRAMED = b"HTTP/1.1 200 OK\r\n\r\nhello"


def _read(reader, pieces):
    """Return status, body and whether the connection may be used again."""
    one = reader()
    one.begin()
    body = b"".join([one.feed(piece) for piece in pieces])
    return one.status, body, one.done, one.done and one.reusable


@every
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (LONG, (200, b"hello", True, True)),
        (CHUNKED, (200, b"hello", True, True)),
        (TRAILED, (200, b"hello", True, True)),
        (CONTINUED, (200, b"hello", True, True)),
        (EMPTY, (204, b"", True, True)),
        (CLOSING, (200, b"hello", True, False)),
        (OLD, (200, b"hello", True, False)),
        (UNFRAMED, (200, b"hello", False, False)),
        (LONG[:-1], (200, b"hell", False, False)),
        (CHUNKED[:-5], (200, b"hello", False, False)),
    ],
)
def test_an_answer_is_the_same_however_it_is_cut(reader, answer, expected) -> None:
    """In one piece, in two at every place, and byte by byte."""
    assert _read(reader, [answer]) == expected
    assert _read(reader, [answer[i : i + 1] for i in range(len(answer))]) == expected
    for place in range(1, len(answer)):
        assert _read(reader, [answer[:place], answer[place:]]) == expected


@every
def test_what_no_length_ends_the_connection_ends(reader) -> None:
    """Such a connection is not used again."""
    assert _read(reader, [UNFRAMED, b""]) == (200, b"hello", True, False)


@every
@pytest.mark.parametrize("cut", [b"", b"HTTP/1.1 2", LONG[:-1], CHUNKED[:-3]])
def test_an_answer_that_is_cut_is_no_answer(reader, cut) -> None:
    """The end of a connection within an answer is not its end."""
    one = reader()
    one.begin()
    if cut:
        one.feed(cut)
    try:
        one.feed(b"")
    except Malformed:
        return
    assert not one.done


@every
@pytest.mark.parametrize(
    "garbage",
    [
        b"nonsense\r\n\r\n",
        b"<html>\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * (HEAD_MAX // 5),
    ],
)
def test_what_is_no_http_is_malformed(reader, garbage) -> None:
    """Also a head without an end."""
    one = reader()
    one.begin()
    pieces = [garbage[start : start + 4096] for start in range(0, len(garbage), 4096)]
    with pytest.raises(Malformed):
        b"".join(map(one.feed, pieces))


@every
def test_a_connection_serves_one_answer_after_the_other(reader) -> None:
    """Headers are those of the latest; names are in small letters."""
    one = reader()
    for _ in range(3):
        one.begin()
        assert (one.status, one.headers, one.done) == (0, (), False)
        assert one.feed(LONG) == b"hello"
        assert one.headers == (("x-one", "1"), ("content-length", "5"))
        assert one.reusable


@every
def test_more_than_was_asked_for_spoils_a_connection(reader) -> None:
    """A second answer to one request could be taken for that of the next."""
    one = reader()
    one.begin()
    assert one.feed(LONG + LONG) == b"hello"
    assert one.done
    assert not one.reusable
