"""Reading plain answers without a library: the same as `h11` sees, plain or not."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise

import pytest

from freetier.drivers.http.answers import Malformed
from freetier.drivers.http.plain import PlainReader
from freetier.drivers.http.with_h11 import H11Reader

HEADS = (
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200\r\n", b"HTTP/1.1 429 Too Many\r\n",
    b"HTTP/1.1 204 None\r\n", b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 304 Same\r\n", b"HTTP/1.1 101 Switch\r\n",
)  # fmt: skip
LINES = (
    b"content-length: 5\r\n", b"Content-Length:5 \r\n", b"content-length: +5\r\n",
    b"content-length: 0\r\n", b"content-length: 5, 5\r\n", b"content-length: \xb2\r\n",
    b"content-length: 10\r\n", b"transfer-encoding: chunked\r\n", b"Transfer-Encoding: Chunked\r\n",
    b"transfer-encoding: gzip, chunked\r\n", b"connection: keep-alive\r\n",
    b"Connection: Keep-Alive\r\n", b"connection: close\r\n", b"connection: upgrade\r\n",
    b"x: caf\xe9\t!\r\n", b"x:\r\n", b" folded\r\n", b"x : y\r\n", b"x: y\n", b"x: \x01\r\n",
    b"upgrade: h2c\r\n",
)  # fmt: skip
BODIES = (
    b"hello", b"helloworld", b"hell", b"", b"5\r\nhello\r\n0\r\n\r\n",
    b"1\r\nh\r\n0004\r\nello\r\n0\r\n\r\n", b"a\r\nhello\r\nabc\r\n0\r\n\r\n",
    b"5;x=y\r\nhello\r\n0\r\n\r\n", b"3\r\nhel\r\n2;a\r\nlo\r\n0\r\n\r\n",
    b"5\r\nhello\r\n0\r\nx: y\r\n\r\n", b"5\r\nhello\r\n0;z\r\n\r\n", b"5\r\nhello\r\n00\r\n\r\n",
    b"5\r\nhello0\r\n\r\n", b"6\r\nhello\r\n0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n",
    b"+5\r\nhello\r\n0\r\n\r\n", b"5\nhello\n0\n\n", b"123456789abc\r\nhello\r\n",
    b"000000005\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n",
    b"5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n", b"5\r\nhello\r\n0\r\n\rx", b"zz\r\n",
)  # fmt: skip


def _answers(seed: int, count: int) -> Iterator[list[bytes]]:
    """Make answers of all sorts, cut at some places; a last empty piece ends the connection."""
    chance = random.Random(seed)
    for _ in range(count):
        lines = chance.choices(LINES, k=chance.randrange(3))
        framing = chance.choice((LINES[0], LINES[7], b""))
        begun = HEADS[0] if chance.random() < 0.6 else chance.choice(HEADS)
        whole = b"".join([begun, framing, *lines, b"\r\n", chance.choice(BODIES)])
        if chance.random() < 0.2:
            place = chance.randrange(len(whole))
            whole = whole[:place] + bytes([chance.randrange(256)]) + whole[place + 1 :]
        head = whole.find(b"\r\n\r\n") + 4
        cuts = {chance.randrange(len(whole)) for _ in range(chance.randrange(3))}
        if chance.random() < 0.5:
            cuts = {head, *(cut for cut in cuts if cut > head)}
        if chance.random() < 0.2:
            cuts = {head, *range(head, len(whole))}
        places = sorted({0, *cuts, len(whole)})
        pieces = [whole[a:b] for a, b in pairwise(places) if a < b]
        yield [*pieces, b""] if chance.random() < 0.3 else pieces


def _seen(reader: type[PlainReader | H11Reader], pieces: list[bytes]) -> list[object]:
    """Return what a reader says after each piece, up to the first that is no HTTP."""
    one, seen = reader(), list[object]()
    one.begin()
    for piece in pieces:
        try:
            body = one.feed(piece)
        except Malformed:
            return [*seen, "malformed"]
        seen.append((one.status, one.headers, body, one.done, one.done and one.reusable))
    return seen


@pytest.mark.parametrize("seed", range(5))
def test_it_sees_what_h11_sees(seed) -> None:
    """Status, headers, body, end and whether the connection stays, after each piece."""
    for pieces in _answers(seed, 1000):
        assert _seen(PlainReader, pieces) == _seen(H11Reader, pieces), pieces


def test_answers_of_all_sorts_are_compared() -> None:
    """The control: plain ones, others, and what is no HTTP are all among them."""
    ends = [_seen(PlainReader, pieces)[-1] for pieces in _answers(0, 1000)]
    assert ends.count("malformed") > 50
    kept = [end for end in ends if isinstance(end, tuple) and end[3] and end[4]]
    assert len(kept) > 30


def test_plain_answers_are_read_without_h11() -> None:
    """It is not even loaded for them."""
    program = """
import sys
from freetier.drivers.http.plain import PlainReader
one = PlainReader()
one.feed(b"HTTP/1.1 200 OK\\r\\ncontent-length: 5\\r\\nconnection: keep-alive\\r\\n\\r\\nhello")
assert one.done and one.reusable
one.begin()
one.feed(b"HTTP/1.1 200 OK\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n")
one.feed(b"5\\r\\nhello\\r\\n0\\r\\n\\r\\n")
assert one.done and one.reusable and "h11" not in sys.modules
one.begin()
one.feed(b"HTTP/1.0 200 OK\\r\\ncontent-length: 5\\r\\n\\r\\nhello")
assert one.done and not one.reusable and "h11" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
