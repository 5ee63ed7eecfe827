"""What the bodies of both colours share: bytes out of a reader, bounded, and their end."""

from __future__ import annotations

from freetier.drivers.http.answers import Malformed, Reader
from freetier.drivers.http.outcome import HungUp
from freetier.drivers.inflate import Inflate


def heard(reader: Reader, data: bytes) -> bytes:
    """Give a reader what came, and return what of the body it holds.

    Raises:
        HungUp: The connection ended within the answer.
        Malformed: It is no HTTP.
    """
    try:
        return reader.feed(data)
    except Malformed:
        if data:
            raise
        raise HungUp("the server closed the connection within an answer") from None


class Rest:
    """The body of one answer, as far as it has come.

    Args:
        reader: Of its connection, which has read the head.
        begun: What of the body came with the head.
    """

    __slots__ = ("_begun", "_inflate", "reader")

    def __init__(self, reader: Reader, begun: bytes) -> None:
        self.reader = reader
        self._begun = begun
        self._inflate = Inflate.named_in(reader.headers)

    def at_hand(self) -> bytes | None:
        """Return what has come, empty at the end; None if the wire has to be asked."""
        if self._begun:
            begun, self._begun = self._begun, b""
            if plain := self._inflate.feed(begun):
                return plain
        return b"" if self.reader.done else None

    def take(self, data: bytes) -> bytes:
        """Return what some bytes off the wire hold."""
        found = heard(self.reader, data)
        return self._inflate.feed(found) if found else b""
